/** How Grafana shows numbers. */
export type Unit = "short" | "percentunit" | "s" | "bytes" | "Bps" | "reqps" | "ops" | "dateTimeFromNow";

/** One panel: a title, and its lines. */
export interface Panel {
  readonly title: string;
  /** PromQL, and the legend of its series ("{{machine}}"). */
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
  readonly unit: Unit;
  /** timeseries: over time (default); stat: the number of now. */
  readonly kind?: "timeseries" | "stat";
  /** From this value on it is red. Default: never. */
  readonly alarmFrom?: number;
  /** Below this value it is red. Default: never. */
  readonly alarmBelow?: number;
}

export interface Dashboard {
  /** Stable: the dashboard's address. */
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** The data source's uid, which the provisioning gives it. */
export const DATASOURCE = "prometheus";
const WIDTH = 24;
const SIZES = { stat: { w: 6, h: 5 }, timeseries: { w: 12, h: 8 } } as const;

/** Grafana's JSON model of a dashboard. */
export function dashboardJson({ uid, title, panels }: Dashboard): string {
  return `${JSON.stringify(
    {
      uid,
      title,
      tags: ["keybuzz"],
      editable: false,
      graphTooltip: 1,
      refresh: "1m",
      schemaVersion: 41,
      time: { from: "now-6h", to: "now" },
      timezone: "utc",
      panels: placed(panels).map(({ panel, gridPos }, index) => panelJson(panel, gridPos, index + 1)),
    },
    undefined,
    2,
  )}\n`;
}

interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Left to right, row by row; a row is as high as its highest panel. */
function placed(panels: readonly Panel[]): readonly { readonly panel: Panel; readonly gridPos: GridPos }[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return panels.map((panel) => {
    const { w, h } = SIZES[panel.kind ?? "timeseries"];
    if (x + w > WIDTH) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const gridPos = { x, y, w, h };
    x += w;
    rowHeight = Math.max(rowHeight, h);
    return { panel, gridPos };
  });
}

function panelJson(panel: Panel, gridPos: GridPos, id: number): Readonly<Record<string, unknown>> {
  const { alarmFrom, alarmBelow } = panel;
  const steps = [
    { color: alarmBelow === undefined ? "green" : "red", value: null },
    ...(alarmBelow === undefined ? [] : [{ color: "green", value: alarmBelow }]),
    ...(alarmFrom === undefined ? [] : [{ color: "red", value: alarmFrom }]),
  ];
  return {
    id,
    title: panel.title,
    type: panel.kind ?? "timeseries",
    gridPos,
    datasource: { type: "prometheus", uid: DATASOURCE },
    fieldConfig: { defaults: { unit: panel.unit, thresholds: { mode: "absolute", steps } }, overrides: [] },
    targets: panel.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      expr,
      legendFormat: legend,
    })),
  };
}

export const stat = (
  title: string,
  expr: string,
  unit: Unit,
  alarm: Pick<Panel, "alarmFrom" | "alarmBelow"> = {},
): Panel => ({
  title,
  queries: [{ expr, legend: "" }],
  unit,
  kind: "stat",
  ...alarm,
});

export const graph = (
  title: string,
  unit: Unit,
  ...queries: readonly (readonly [expr: string, legend: string])[]
): Panel => ({
  title,
  queries: queries.map(([expr, legend]) => ({ expr, legend })),
  unit,
});

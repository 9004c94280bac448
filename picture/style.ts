/** Colours and letters of the picture itself: in the page as in the file, in the light as in the dark. */
const LIGHT = `--ground:#fbfbfd;--lane:#f1f3f8;--box:#ffffff;--edge:#c5cad6;--ink:#1b2130;--soft:#5c6577;
--web:#2563eb;--data:#7c3aed;--out:#0e8696;--care:#7a8394;--added:#15803d;--removed:#c81e3a;--changed:#b45309;`;
const DARK = `--ground:#0f131b;--lane:#161b26;--box:#1e2533;--edge:#3b4559;--ink:#e7ebf3;--soft:#a0a9bb;
--web:#6ea2ff;--data:#b492ff;--out:#45c4d4;--care:#8b95a8;--added:#4ade80;--removed:#ff7b8e;--changed:#fbbf24;`;

export const PICTURE_STYLE = `.picture,.colours{${LIGHT}}
@media (prefers-color-scheme:dark){.picture,.colours{${DARK}}}
.picture{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.picture text{fill:var(--ink);font-size:12px}
.picture .ground{fill:var(--ground)}
.picture .lane{fill:var(--lane)}
.picture .lane-title{fill:var(--soft);font-size:11px;font-weight:600;letter-spacing:.04em}
.picture .headline{font-size:15px;font-weight:700}
.picture .small,.picture .note{fill:var(--soft);font-size:10.5px}
.picture .note{text-anchor:end}
.picture .box>rect{fill:var(--box);stroke:var(--edge);stroke-width:1.2}
.picture .box>.name{font-size:13px;font-weight:650}
.picture .box.outside>rect{stroke-dasharray:5 3}
.picture .item>rect{fill:transparent}
.picture .mark>rect{fill:var(--edge)}
.picture .line{fill:none;stroke-linecap:butt}
.picture .line,.picture .within path{stroke:var(--kind)}
.picture .tip{fill:var(--kind)}
.picture .within path{fill:none;stroke-width:1.6}
.picture .within text{fill:var(--soft);font-size:10.5px}
.picture .web{--kind:var(--web)}.picture .data{--kind:var(--data)}.picture .out{--kind:var(--out)}
.picture .care,.picture .inner{--kind:var(--care)}
.picture .bundle .line,.picture .bundle .tip{opacity:.82}
.picture .hidden{display:none}
.picture .compared .same{--kind:var(--edge)}
.picture .added{--kind:var(--added)}.picture .removed{--kind:var(--removed)}.picture .changed{--kind:var(--changed)}
.picture .removed .line{stroke-dasharray:7 4}
.picture .box.added>rect,.picture .box.removed>rect,.picture .box.changed>rect{stroke:var(--kind);stroke-width:2}
.picture .item.added>text,.picture .item.removed>text,.picture .item.changed>text,
.picture .box.added>.name,.picture .box.removed>.name,.picture .box.changed>.name,
.picture .legend .added,.picture .legend .removed,.picture .legend .changed{fill:var(--kind);font-weight:650}
.picture .item.removed>text,.picture .box.removed>.name{text-decoration:line-through}
.picture .mark.added>rect,.picture .mark.removed>rect,.picture .mark.changed>rect{fill:var(--kind)}`;

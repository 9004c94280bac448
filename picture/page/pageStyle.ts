/** The page around the picture: one column on a phone, a drawer beside the picture where there is room. */
export const PAGE_STYLE = `:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
button,input{font:inherit;color:inherit}
:focus-visible{outline:3px solid var(--web);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--box);padding:6px 10px;z-index:9}
header{display:flex;flex-wrap:wrap;gap:8px 18px;align-items:center;padding:10px 16px;border-bottom:1px solid var(--edge);background:var(--box);position:sticky;top:0;z-index:3}
h1{font-size:18px;margin:0}
header p{margin:0;color:var(--soft);font-size:12.5px;flex:1 1 260px}
.search{position:relative;flex:0 1 300px;min-width:200px}
.search input{width:100%;padding:7px 10px;border:1px solid var(--edge);border-radius:8px;background:var(--ground)}
#results{position:absolute;left:0;right:0;min-width:280px;top:100%;margin:4px 0 0;padding:4px;list-style:none;background:var(--box);border:1px solid var(--edge);border-radius:8px;box-shadow:0 8px 28px #0004;max-height:60vh;overflow:auto}
#results li{padding:6px 8px;border-radius:6px;cursor:pointer}
#results li[aria-selected=true]{background:var(--lane);outline:2px solid var(--web)}
#results:empty{display:none}
fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:4px 14px;font-size:12.5px}
legend{float:left;padding:0;margin-right:10px;color:var(--soft)}
fieldset label{display:inline-flex;align-items:center;gap:5px;cursor:pointer;white-space:nowrap}
.chip{width:20px;height:5px;border-radius:3px;background:var(--kind)}
.web{--kind:var(--web)}.data{--kind:var(--data)}.out{--kind:var(--out)}.care{--kind:var(--care)}
b.added,button.added{color:var(--added)}b.removed,button.removed{color:var(--removed)}b.changed,button.changed{color:var(--changed)}
#stage{overflow:auto;padding:10px 8px 4px}
#picture{display:block;width:100%;min-width:1280px;max-width:1900px;height:auto;margin:0 auto}
#picture [data-id]{cursor:pointer}
#picture [data-id]:focus{outline:none}
#picture .item:focus-visible>rect,#picture .box:focus-visible>rect{stroke:var(--web);stroke-width:3;outline:none}
#picture .within:focus-visible>rect{stroke:var(--web);stroke-width:2}
#picture .bundle:focus-visible .line{filter:drop-shadow(0 0 3px var(--kind)) drop-shadow(0 0 3px var(--kind));opacity:1}
#picture .hit{fill:none;stroke:transparent}
#picture .bundle:hover .line,#picture .bundle:hover .tip{opacity:1}
#picture .item:hover>rect{fill:var(--lane)}
#picture .box:hover>rect{stroke:var(--soft)}
#picture .mark:hover>rect{fill:var(--web)}
#picture.show-care .bundle.care.hidden{display:inline}
#picture.show-care .bundle.care .line{opacity:.45}
#picture.no-web .bundle.web,#picture.no-data .bundle.data,#picture.no-out .bundle.out{display:none}
#picture.chosen .bundle{opacity:.1}#picture.chosen .bundle.hidden{display:none}
#picture.chosen .box:not(.lit){opacity:.42}
#picture.chosen .bundle.lit,#picture.chosen .bundle.hidden.lit{opacity:1;display:inline}
#picture.chosen .bundle.lit .line,#picture.chosen .bundle.lit .tip{opacity:1}
#picture .item.lit>rect{fill:color-mix(in srgb,var(--web) 16%,transparent)}
#picture .mark.lit>rect{fill:color-mix(in srgb,var(--web) 60%,var(--edge))}
#picture [aria-pressed=true]>rect{stroke:var(--web);stroke-width:2.5}
#tip{position:fixed;pointer-events:none;background:var(--ink);color:var(--ground);padding:4px 9px;border-radius:6px;font-size:12px;max-width:320px;z-index:8}
aside{position:fixed;top:0;right:0;bottom:0;width:min(470px,100vw);background:var(--box);border-left:1px solid var(--edge);box-shadow:-8px 0 30px #0003;overflow:auto;padding:14px 18px 30px;z-index:5}
aside[hidden]{display:none}
aside h2{font-size:16px;margin:0 40px 2px 0;overflow-wrap:anywhere}
aside .what{color:var(--soft);font-size:12px;margin:0 0 8px}
aside h4,#overview h4{margin:16px 0 6px;font-size:13px}
aside p{margin:6px 0}
#close{position:absolute;right:12px;top:10px;width:32px;height:32px;border:1px solid var(--edge);border-radius:8px;background:none;cursor:pointer;font-size:17px;line-height:1}
.soft{color:var(--soft);font-size:12px}
.bad{color:var(--removed)}
code{font:12px/1.4 ui-monospace,SFMono-Regular,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
details.flow{border-top:1px solid var(--edge)}
details.flow summary{padding:7px 2px;cursor:pointer;overflow-wrap:anywhere}
details.flow>div{padding:0 0 10px 12px}
ol.hops{list-style:none;margin:0;padding:0}
ol.hops li{position:relative;padding:0 0 10px 22px;border-left:2px solid var(--edge);margin-left:7px;display:grid;gap:1px;overflow-wrap:anywhere}
ol.hops li:last-child{border-left-color:transparent}
ol.hops li::before{content:"✓";position:absolute;left:-10px;top:1px;width:18px;height:18px;border-radius:50%;background:var(--added);color:var(--box);font-size:11px;text-align:center;line-height:18px}
ol.hops li.shut::before{content:"✕";background:var(--removed)}
ul.links,ul.limits,ul.ends{margin:0;padding:0 0 0 2px;list-style:none}
ul.limits li,ul.ends li{padding:2px 0;overflow-wrap:anywhere}
ul.links button,#overview td button{background:none;border:0;padding:4px 2px;text-align:left;cursor:pointer;text-decoration:underline;text-decoration-color:var(--edge);text-underline-offset:3px}
ul.links button:hover,#overview td button:hover{text-decoration-color:currentColor}
table{border-collapse:collapse;width:100%;font-size:12.5px}
th,td{text-align:left;padding:5px 8px 5px 0;border-top:1px solid var(--edge);vertical-align:top;font-weight:400}
thead th{border:0;color:var(--soft);font-size:12px}
tbody th span{display:block}
.price b{font-size:15px}
.ruler{display:block;width:100%;max-width:560px;height:auto;margin:4px 0 8px}
.ruler text{fill:var(--ink);font-size:11.5px;paint-order:stroke;stroke:var(--box);stroke-width:3px;stroke-linejoin:round}
.ruler .need-name{fill:var(--web);font-size:11px;font-weight:600}.ruler .scale{fill:var(--soft);font-size:10px}
.ruler .mark{stroke:var(--edge);stroke-width:1}
.ruler .needed{fill:var(--web);opacity:.1}
.ruler .need{stroke:var(--web);stroke-width:2;stroke-dasharray:4 3}
.ruler .beat{fill:var(--web)}
.ruler .limit rect{fill:var(--care)}
.ruler .weakest rect{fill:var(--changed)}.ruler .weakest .word,.ruler .weakest .time{fill:var(--changed);font-weight:700}
.ruler .short rect{fill:var(--removed)}.ruler .short .word,.ruler .short .time{fill:var(--removed);font-weight:700}
#overview{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:10px 34px;padding:8px 20px 50px;max-width:1900px;margin:0 auto}
#overview>div{min-width:0;overflow-x:auto}
#overview h3{font-size:15px;margin:14px 0 6px}
@media (max-width:700px){#picture{min-width:1100px}header{position:static}.search{flex:1 1 100%}aside{top:auto;left:0;width:auto;max-height:68vh;border-left:0;border-top:1px solid var(--edge);border-radius:14px 14px 0 0;box-shadow:0 -8px 30px #0004}#close{width:40px;height:40px}fieldset label{padding:4px 0}}
@media (prefers-reduced-motion:no-preference){#picture .bundle,#picture .box{transition:opacity .12s}}
@media print{header .search,fieldset,aside{display:none}}`;

#include "core/report/page.hpp"

namespace godwit::report {

std::string_view style_sheet() {
  // One sheet for screen and paper. Paper is A4 landscape, because a check table of fifteen columns is; its size is in
  // mm and pt, the screen's in rem. Colours are variables, so that the drawings follow the theme; paper is always
  // light.
  static constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--paper:#fff;--desk:#eceff2;--ink:#1c2530;--soft:#64707d;--rule:#d6dbe1;--faint:#f4f6f8;--accent:#1f4e6b;
--good:#1e6b4a;--goodbg:#eaf4ef;--warn:#8a5a00;--warnbg:#fbf3e2;--bad:#a12a2a;--badbg:#fbeceb;
--created:#2f6f8f;--updated:#5b93ad;--unchanged:#a4c3d1;--merged:#8b8fa8;--filtered:#b9bfc7;--deleted:#7a6a63;--aside:#d08a1d;--doubt:#b23a3a}
@media screen and (prefers-color-scheme:dark){:root{--paper:#171c22;--desk:#0e1216;--ink:#e4e8ec;--soft:#97a3af;--rule:#323b45;--faint:#1f262d;--accent:#8fc3de;
--good:#72c79c;--goodbg:#16281f;--warn:#e0b04f;--warnbg:#2b2415;--bad:#ec8a85;--badbg:#301b1b;
--created:#5aa6c8;--updated:#3f7d99;--unchanged:#2f566a;--merged:#7d819c;--filtered:#59626c;--deleted:#8d7c74;--aside:#d99a35;--doubt:#d66560}}
*{box-sizing:border-box}
html{font-size:15px}
body{margin:0;background:var(--desk);color:var(--ink);font:400 .92rem/1.45 "Source Sans 3","Segoe UI","Helvetica Neue",Arial,"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;font-variant-numeric:tabular-nums;-webkit-print-color-adjust:exact;print-color-adjust:exact}
html:lang(zh) body{line-height:1.55}
h1,h2,h3,p,ul,dl,dd,figure,pre{margin:0}
table{border-collapse:collapse;width:100%}
th{font-weight:600;text-align:left}
.sheet{max-width:96rem;margin:1.6rem auto;background:var(--paper);border:1px solid var(--rule);table-layout:fixed}
.sheet>tbody>tr>td{padding:2.2rem 2.6rem}
.sheet>tfoot>tr>td{padding:0}
.soft{color:var(--soft);font-weight:400}
.code{font-family:"SFMono-Regular",Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;font-size:.86em;overflow-wrap:anywhere}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.n{text-align:right;white-space:nowrap}
.zero{color:var(--soft)}
.off{color:var(--bad);font-weight:600}
h2{font-size:.92rem;font-weight:600;color:var(--accent);margin-bottom:.35rem}
.lead{color:var(--soft);max-width:62rem;margin-bottom:.7rem}
.head{display:flex;justify-content:space-between;align-items:stretch;gap:2rem;padding-bottom:1rem;border-bottom:2px solid var(--ink)}
.head .kind{color:var(--accent);font-weight:600}
h1{font-size:1.9rem;line-height:1.2;font-weight:600;letter-spacing:-.01em}
.head .under{color:var(--soft)}
.verdict{display:flex;align-items:center;gap:.9rem;padding:.5rem 1.3rem .5rem 1rem;border-left:4px solid;min-width:17rem}
.verdict .sign{font-size:1.5rem;font-weight:700;width:2.2rem;height:2.2rem;line-height:2.1rem;border:2px solid;border-radius:50%;text-align:center}
.verdict .word{font-size:1.3rem;font-weight:600;line-height:1.2}
.verdict .count{color:var(--soft);font-size:.86em}
.verdict.passed{color:var(--good);background:var(--goodbg)}
.verdict.condition{color:var(--warn);background:var(--warnbg)}
.verdict.failed{color:var(--bad);background:var(--badbg)}
.split{display:grid;grid-template-columns:minmax(0,8fr) minmax(0,12fr);gap:2.4rem;margin:1rem 0 1.2rem}
.facts dl,.pairs{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.14rem 1rem;align-items:baseline}
.facts dt,.pairs dt{color:var(--soft)}
.facts dd,.pairs dd{overflow-wrap:anywhere}
.gates td,.gates th{padding:.13rem .8rem .13rem 0;vertical-align:top;border-bottom:1px solid var(--rule)}
.gates thead th{color:var(--soft);font-weight:400;font-size:.86em}
.gates tbody th{font-weight:400}
.gates tbody th,.gates td:nth-child(4){white-space:nowrap}
.gates td:nth-child(5){min-width:8.5rem}
.gates .at{white-space:nowrap}
.gates .mark{width:1.5rem;font-weight:700;text-align:center;padding-right:.5rem}
.gates .passed .mark{color:var(--good)}
.gates .condition .mark{color:var(--warn)}.gates .condition th,.gates .condition td:nth-child(3){font-weight:600}
.gates .failed .mark,.gates .failed th,.gates .failed td:nth-child(3){color:var(--bad);font-weight:600}
.check{overflow-x:auto;margin-bottom:1.2rem}
.check table{font-size:.86em;border-top:1px solid var(--ink);border-bottom:1px solid var(--ink)}
.check th,.check td{padding:.22rem .42rem;vertical-align:top;border-left:1px solid var(--rule)}
.check th:first-child{border-left:0;padding-left:0}
.check thead th{font-weight:400;color:var(--soft);border-bottom:1px solid var(--ink);vertical-align:bottom;line-height:1.25;white-space:nowrap}
.check tbody{border-bottom:1px solid var(--rule)}
.check .flow th{min-width:10.5rem}
.check .flow th .soft,.check .sub{display:block;font-size:.86em;line-height:1.3;color:var(--soft);font-weight:400}
.check .flow th .soft{overflow-wrap:break-word}
.check.fresh{margin-top:1.4rem}
.check .money th{font-weight:400;padding-left:.9rem;color:var(--soft)}
.check .money th b{color:var(--ink);font-weight:600}
.check .money td{color:var(--soft)}.check .money.wrong td:nth-last-child(4){color:var(--bad);font-weight:600}
.check .due{background:var(--faint);color:var(--ink);font-weight:600}
.check .money .due{font-weight:400}
.check .aside{color:var(--warn);font-weight:600}
.check .why{min-width:9rem;line-height:1.3;white-space:normal}
.check .hand{min-width:4.6rem}
.proof{display:grid;grid-template-columns:1.15fr 1.3fr 1fr;gap:2.2rem;margin-bottom:1.2rem}
.proof ul{padding-left:1.05rem}
.proof .soft{font-size:.88em;margin-top:.25rem;line-height:1.4}
.figures{display:flex;gap:1.8rem}
.figures dt{color:var(--soft);font-size:.86em}
.figures dd{font-size:1.15rem;font-weight:600;line-height:1.3}
.open{display:grid;grid-template-columns:max-content 1fr;gap:0 .6rem}.open b{text-align:right}.proof .open .soft{font-size:1em}
.sign{break-inside:avoid}
.sign p{margin-bottom:.3rem;font-size:.88em}
.boxes{display:grid;grid-template-columns:repeat(5,1fr);border:1px solid var(--ink)}
.box{height:5rem;padding:.3rem .6rem;border-left:1px solid var(--rule)}
.box:first-child{border-left:0}
.box span{color:var(--soft);font-size:.88em}
.block{margin-top:2.2rem}
.block table:not(.examples){font-size:.92em;border-top:1px solid var(--ink)}
.block th,.block td{padding:.26rem .7rem .26rem 0;vertical-align:baseline;border-bottom:1px solid var(--rule)}
.block .n{padding-right:0;padding-left:.7rem}
.block td.key,.block th.key,.block .n+.why{padding-left:1.6rem}
.block thead th{font-weight:400;color:var(--soft);border-bottom:1px solid var(--ink);vertical-align:bottom}
.block tbody th{font-weight:600}
.block .passed{color:var(--good)}.block .condition{color:var(--warn)}.block .failed{color:var(--bad);font-weight:600}
.block .value{white-space:pre-wrap;overflow-wrap:anywhere}
.block .this th,.block .this td{background:var(--faint);font-weight:600}
.pictures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1.5rem 2.6rem}
.picture{break-inside:avoid;border-top:1px solid var(--rule);padding-top:.5rem}
.picture svg{display:block;width:100%;height:auto;margin-top:.3rem}
.picture text{font-size:12px;fill:var(--ink)}
.picture .end{text-anchor:end}.picture .strong{font-weight:600}.picture text.soft{fill:var(--soft)}
.band{opacity:.3}
.read{fill:var(--ink)}.created{fill:var(--created)}.updated{fill:var(--updated)}.unchanged{fill:var(--unchanged)}.merged{fill:var(--merged)}
.filtered{fill:var(--filtered)}.deleted{fill:var(--deleted)}.set_aside{fill:var(--aside)}.in_doubt,.unexplained{fill:var(--doubt)}
.band.unchanged,.band.filtered{opacity:.45}
.cause{display:grid;grid-template-columns:minmax(0,11fr) minmax(0,13fr);gap:1.6rem;padding:.6rem 0 .7rem;border-top:1px solid var(--rule);break-inside:avoid}
.cause header{display:grid;grid-template-columns:3.4rem minmax(0,1fr);gap:.9rem}
.cause .rows{font-size:1.2rem;font-weight:600;text-align:right;line-height:1.25;color:var(--warn)}
h3{font-size:1rem;font-weight:600}
.cause header p{font-size:.92em}
.cause .remedy{margin-top:.15rem}
.cause .more{margin-top:.1rem;font-size:.86em}
.examples{font-size:.9em}
.examples td{padding:.1rem 1.1rem .1rem 0;vertical-align:baseline;border-bottom:1px dotted var(--rule)}
.examples tr:last-child td{border-bottom:0}
.examples .code{white-space:nowrap;width:1%}
.two{display:grid;grid-template-columns:1fr 1.25fr;gap:2.6rem}
pre{background:var(--faint);padding:.35rem .7rem;margin:.3rem 0 .5rem;white-space:pre-wrap}
.foot{max-width:96rem;margin:0 auto 2rem;padding:0 .2rem;display:flex;justify-content:space-between;gap:2rem;color:var(--soft);font-size:.82em}
@media screen and (max-width:60rem){.sheet>tbody>tr>td{padding:1.2rem}.head,.foot{flex-direction:column;gap:.8rem}.split,.proof,.two,.pictures{grid-template-columns:minmax(0,1fr)}.boxes{grid-template-columns:repeat(2,1fr)}.block{overflow-x:auto}}
@page{size:A4 landscape;margin:10mm 11mm 6mm;@bottom-right{content:counter(page) " / " counter(pages);font:7pt sans-serif;color:#64707d;vertical-align:top}}
@media print{
html{font-size:8.6pt}
body{background:#fff;line-height:1.32}
html:lang(zh) body{line-height:1.36}
.sheet{max-width:none;margin:0;border:0}
.sheet>tbody>tr>td{padding:0}
.sheet>tfoot>tr>td{height:8.5mm}
.foot{position:fixed;left:0;right:0;bottom:0;max-width:none;margin:0;padding:1mm 0 0;height:5mm;border-top:.4pt solid var(--rule);font-size:6.6pt}
.head{padding-bottom:2mm}
h1{font-size:17pt}
.split{margin:2.4mm 0 2.6mm;gap:8mm}
.check{overflow:visible;margin-bottom:2.6mm}
.check table{font-size:7.3pt}
.check .flow th{min-width:23mm}
.check .why{min-width:21mm}
.check .hand{min-width:13mm}
.proof{margin-bottom:2.4mm;gap:8mm}
.box{height:15.5mm}
.check th,.check td{padding:.16rem .42rem}
.gates td,.gates th{padding:.1rem .8rem .1rem 0}
.block{margin-top:6mm}
.block.fresh,.check.fresh{break-before:page;margin-top:0}
.keep{break-inside:avoid}
.pictures{gap:5mm 9mm}
tr,.check tbody,.proof,.two>div{break-inside:avoid}
h2,.lead{break-after:avoid}
thead{display:table-header-group}
}
)css";
  return kStyle.substr(1);
}

}  // namespace godwit::report

//! The page's style sheet, inside the page so that it travels with it.

/// Light and dark, phone and paper; colours never tell anything alone.
pub(super) const SHEET: &str = r#"
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5a6675;--paper:#fff;--panel:#f4f6f8;--line:#d5dbe2;
--left:#1f4e79;--right:#b4530a;--bad:#a11d21;--bad-paper:#fdecec;--late:#7a4b00;--late-paper:#fff4dd;--good:#13652f;--good-paper:#e6f5ea}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#a3afbd;--paper:#14191f;--panel:#1d242c;--line:#36414d;
--left:#7db4e6;--right:#f0a35e;--bad:#ff9a9a;--bad-paper:#3a1a1c;--late:#ffcf7a;--late-paper:#3a2c10;--good:#8fdca6;--good-paper:#14331f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
main,footer{max-width:1180px;margin:0 auto;padding:0 16px}
h1{font-size:1.6rem;margin:1.2rem 0 .2rem}h2{font-size:1.25rem;margin:2rem 0 .6rem;padding-bottom:.2rem;border-bottom:2px solid var(--line)}
h3{font-size:1.08rem;margin:1.4rem 0 .4rem}h4{font-size:1rem;margin:1rem 0 .2rem}p{margin:.25rem 0}
.soft,.hint{color:var(--soft)}.hint{font-size:.92em}
.verdict{margin:1rem 0;padding:.8rem 1rem;border:2px solid;border-left-width:10px;border-radius:6px}
.verdict p{color:var(--ink)}.verdict .word{font-size:1.5rem;font-weight:700;color:inherit}
.incomplete,.breaks{color:var(--bad);border-color:var(--bad);background:var(--bad-paper)}
.incomplete{border-style:dashed;border-left-style:solid}
.pending{color:var(--late);border-color:var(--late);background:var(--late-paper)}
.reconciled{color:var(--good);border-color:var(--good);background:var(--good-paper)}
.badge{display:inline-block;padding:0 .5rem;border:1px solid;border-radius:9px;font-size:.85rem;font-weight:600;white-space:nowrap}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:10px;margin:1rem 0}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem}
.tile b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}.tile span{font-size:.88rem}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1rem;font-size:.92rem}a{color:var(--left)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:0 28px;align-items:start}
table{border-collapse:collapse;width:100%;margin:.4rem 0 .8rem;font-size:.93rem}
caption{text-align:left;color:var(--soft);font-size:.88rem;padding-bottom:.2rem}
th,td{padding:.32rem .5rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
thead th{background:var(--panel);border-bottom:2px solid var(--line);overflow-wrap:normal}tbody th,.d{overflow-wrap:normal}tbody th{font-weight:400}.d{white-space:nowrap}
tfoot th,tfoot td{font-weight:700;border-top:2px solid var(--ink)}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;overflow-wrap:normal}thead .n{white-space:normal}
.wide{overflow-x:auto}.bridge th[scope=row]{min-width:7.5em}.id{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.82rem;color:var(--soft)}
.bridge small{display:none}.why{min-width:16rem}.what{min-width:9em}.place{min-width:8em}.alarm{color:var(--bad);font-weight:700}
figure{margin:.5rem 0}svg{display:block;width:100%;height:auto;max-width:640px}
svg text{fill:var(--ink);font:13px system-ui,"Liberation Sans",sans-serif}svg .soft{fill:var(--soft)}svg .strong{font-weight:700}
.left{fill:var(--left)}.stripe{stroke:var(--right);stroke-width:2.4}.right{stroke:var(--right);stroke-width:1}
.axis{stroke:var(--soft);stroke-width:1}.mark{fill:var(--bad)}
details{margin:.4rem 0}summary{cursor:pointer;padding:.25rem 0}summary b{font-weight:600}
footer{margin-top:2.5rem;padding-top:.6rem;padding-bottom:2rem;border-top:1px solid var(--line);color:var(--soft);font-size:.88rem}
@media (max-width:700px){
main,footer{padding:0 12px}.pair{grid-template-columns:1fr}
table.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.cards,table.cards tbody,table.cards tr,table.cards td{display:block;width:100%}
table.cards tr{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.3rem .5rem}
table.cards td{display:flex;gap:.6rem;justify-content:space-between;border:0;padding:.14rem 0;text-align:right;white-space:normal}
table.cards td::before{content:attr(data-label);color:var(--soft);text-align:left;flex:0 0 34%}
table.cards td{min-width:0}table.cards td.why{display:block;text-align:left}table.cards td.why::before{display:block}
table.cards td:empty{display:none}.bridge .rows{display:none}.bridge thead{font-size:.76rem}.bridge th[scope=row]{min-width:5.5em}.bridge small{display:block;color:var(--soft)}.wide table{font-size:.84rem}.wide th,.wide td{padding:.3rem .3rem}.wide th:first-child{position:sticky;left:0;background:var(--paper)}.wide thead th:first-child{background:var(--panel)}
}
@media print{
:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--panel:#f1f1f1;--line:#999;--left:#1f4e79;--right:#b4530a;--bad:#8a1114;--bad-paper:#fff;--late:#5c3900;--late-paper:#fff;--good:#0d4a22;--good-paper:#fff}
@page{size:A4;margin:14mm 12mm}
body{font-size:9.5pt}main,footer{max-width:none;padding:0}nav{display:none}
thead{display:table-header-group}tfoot{display:table-row-group}tr,figure,.tile,.verdict{break-inside:avoid}
h2,h3,h4,caption,summary,h3+p,h4+p,thead{break-after:avoid}.wide{overflow:visible}.why{min-width:50mm}.bridge{break-inside:avoid}.tiles{grid-template-columns:repeat(4,1fr)}
table{font-size:8.5pt}th,td{padding:.25rem .35rem}.verdict,.tile,thead th,.left{print-color-adjust:exact;-webkit-print-color-adjust:exact}
svg{max-width:120mm}details:not([open]){display:none}a{color:inherit;text-decoration:none}
}
"#;

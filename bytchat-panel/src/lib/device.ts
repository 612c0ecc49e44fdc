// What a login was made with, out of what the client called itself.

export type DeviceKind = 'computer' | 'phone' | 'program';

export interface Device {
  kind: DeviceKind;
  /** «Firefox», or a program's own name; null where it says nothing that people know. */
  browser: string | null;
  /** «Windows»; null where nobody knows. */
  system: string | null;
}

// The first that fits: browsers name those before them as well.
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|OPT|OPX|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|HeadlessChrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\bWindows\b/, 'Windows'],
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];
const PHONES = new Set(['Android', 'iPhone', 'iPad']);
const LONGEST_NAME = 60;

export function deviceOf(userAgent: string): Device {
  const said = userAgent.trim();
  if (said !== '' && !said.startsWith('Mozilla/')) return programOf(said);
  const system = firstOf(SYSTEMS, said);
  const kind = system !== null && PHONES.has(system) ? 'phone' : 'computer';
  return { kind, browser: firstOf(BROWSERS, said), system };
}

/** `curl/8.5.0` and the like: the name with its version, without what it is made of. */
function programOf(said: string): Device {
  const [name = said] = said.split(/\s+/, 1);
  return { kind: 'program', browser: [...name].slice(0, LONGEST_NAME).join(''), system: null };
}

function firstOf(named: readonly [RegExp, string][], said: string): string | null {
  return named.find(([sign]) => sign.test(said))?.[1] ?? null;
}

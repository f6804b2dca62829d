/** Names of U+00A0 to U+00FF, in their order. */
const latin = `nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para
  middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc
  Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig
  agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute
  ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml`

/** Those of U+0391 to U+03A9, where one place is empty; in small letters, of U+03B1 to U+03C9. */
const greek = `Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi
  Omega`

const others = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  trade: '™',
  euro: '€',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  lsquo: '‘',
  rsquo: '’',
  sbquo: '‚',
  ldquo: '“',
  rdquo: '”',
  bdquo: '„',
  lsaquo: '‹',
  rsaquo: '›',
  bull: '•',
  dagger: '†',
  permil: '‰',
  prime: '′',
  larr: '←',
  rarr: '→',
  minus: '−',
  OElig: 'Œ',
  oelig: 'œ',
  Scaron: 'Š',
  scaron: 'š',
  Zcaron: 'Ž',
  zcaron: 'ž',
  Ccaron: 'Č',
  ccaron: 'č',
  Yuml: 'Ÿ',
  sigmaf: 'ς',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  nbsp: ' ',
  shy: '',
  zwnj: '',
  zwj: '',
  lrm: '',
  rlm: '',
}

const words = (list: string) => list.split(/\s+/)

const entities: ReadonlyMap<string, string> = new Map([
  ...words(latin).map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
  ...words(greek).map((name, index) => [name, String.fromCharCode(0x391 + index)] as const),
  ...words(greek).map((name, index) => [name.toLowerCase(), String.fromCharCode(0x3b1 + index)] as const),
  ...Object.entries(others),
])

/** What `&name;` stands for; some write it in capitals. */
export function namedEntity(name: string): string | undefined {
  return entities.get(name) ?? entities.get(name.toLowerCase())
}

/** What mail needs, taken apart; everything else as it came. Names are lower-case without the last dot; the root is `.`. */
export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'DNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  /** One character is one octet. */
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  | {
      readonly type: 'TLSA' | 'SMIMEA'
      readonly usage: number
      readonly selector: number
      readonly matching: number
      readonly association: Uint8Array
    }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | { readonly type: 'CAA'; readonly critical: boolean; readonly tag: string; readonly value: string }
  | { readonly type: 'other'; readonly typeNumber: number; readonly data: Uint8Array }

/** What stands behind the type in a zone file: `10 mx.example.org.`. */
export function zoneText(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return dotted(record.target)
    case 'MX':
      return `${record.preference} ${dotted(record.exchange)}`
    case 'TXT':
      return record.strings.map(quoted).join(' ')
    case 'TLSA':
    case 'SMIMEA':
      return `${record.usage} ${record.selector} ${record.matching} ${hex(record.association)}`
    case 'SRV':
      return `${record.priority} ${record.weight} ${record.port} ${dotted(record.target)}`
    case 'CAA':
      return `${record.critical ? 128 : 0} ${record.tag} ${quoted(record.value)}`
    case 'other':
      // RFC 3597 §5
      return `\\# ${record.data.length} ${hex(record.data)}`
  }
}

const dotted = (name: string) => (name === '.' ? name : `${name}.`)
const hex = (octets: Uint8Array) =>
  Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')

/** RFC 1035 §5.1: a backslash and three decimal digits are an octet. */
const quoted = (text: string) =>
  `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll(/[^ -~]/g, (odd) => `\\${String(odd.charCodeAt(0)).padStart(3, '0')}`)}"`

/**
 * A domain name: lower-case text without the last dot, the root is `.`. Octets that are not plain are `\DDD`, a dot inside
 * a label as well, so every `.` in the text is a boundary. RFC 4343: case means nothing.
 */
export type Name = string

export const root: Name = '.'

/** RFC 1035 §2.3.4. */
export const longestName = 255
const longestLabel = 63

/** Undefined where the text can be no name: an empty or overlong label, over 255 octets, not ASCII. */
export function parseName(text: string): Name | undefined {
  if (text === '.' || text === '') return root
  const bare = text.endsWith('.') && !text.endsWith('\\.') ? text.slice(0, -1) : text
  const labels = splitLabels(bare)
  if (!labels) return undefined
  const lengths = labels.map((label) => label.length)
  if (lengths.some((length) => length === 0 || length > longestLabel)) return undefined
  if (lengths.reduce((sum, length) => sum + length + 1, 1) > longestName) return undefined
  return labels.map(labelText).join('.')
}

const plain = /^[\w\-.]+$/

/** Octets of each label; `\DDD` and `\x` are taken apart here. */
function splitLabels(text: string): Uint8Array[] | undefined {
  if (plain.test(text)) return text.split('.').map((label) => Buffer.from(label, 'latin1'))
  const labels: number[][] = [[]]
  for (let at = 0; at < text.length; at++) {
    const escaped = text[at] === '\\'
    if (text[at] === '.') {
      labels.push([])
      continue
    }
    const digits = escaped ? /^\d{3}/.exec(text.slice(at + 1, at + 4))?.[0] : undefined
    const octet = digits === undefined ? text.charCodeAt(escaped ? ++at : at) : Number(digits)
    if (digits !== undefined) at += 3
    if (!(octet <= 255)) return undefined
    labels.at(-1)?.push(octet)
  }
  return labels.map((octets) => Uint8Array.from(octets))
}

/** Text of one label from its octets. */
export function labelText(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) {
    const isPlain = octet > 0x20 && octet < 0x7f && octet !== 0x2e && octet !== 0x5c
    text += isPlain
      ? String.fromCharCode(octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet)
      : `\\${String(octet).padStart(3, '0')}`
  }
  return text
}

export function labelsOf(name: Name): readonly string[] {
  return name === root ? [] : name.split('.')
}

/** The root has none; `*` counts here, as it is a label like others. */
export function countLabels(name: Name): number {
  return labelsOf(name).length
}

/** The name made of the last `count` labels. */
export function lastLabels(name: Name, count: number): Name {
  const labels = labelsOf(name)
  return count <= 0 ? root : labels.slice(Math.max(0, labels.length - count)).join('.')
}

/** The root is its own parent. */
export function parentOf(name: Name): Name {
  const dot = name.indexOf('.')
  return dot < 0 || name === root ? root : name.slice(dot + 1)
}

export function below(label: string, parent: Name): Name {
  return parent === root ? label : `${label}.${parent}`
}

export function isAtOrUnder(name: Name, zone: Name): boolean {
  return zone === root || name === zone || name.endsWith(`.${zone}`)
}

export function isUnder(name: Name, zone: Name): boolean {
  return name !== zone && isAtOrUnder(name, zone)
}

/** `a.b.c` and `x.b.c` share `b.c`. */
export function sharedAncestor(left: Name, right: Name): Name {
  let count = Math.min(countLabels(left), countLabels(right))
  while (lastLabels(left, count) !== lastLabels(right, count)) count--
  return lastLabels(left, count)
}

export function labelOctets(label: string): Buffer {
  if (!label.includes('\\')) return Buffer.from(label, 'latin1')
  return Buffer.from(
    label.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number(digits))),
    'latin1',
  )
}

/** Canonical wire form: lower-case, not compressed. RFC 4034 §6.2. */
export function nameToWire(name: Name): Buffer {
  const parts: Uint8Array[] = []
  for (const label of labelsOf(name)) {
    const octets = labelOctets(label)
    parts.push(Uint8Array.of(octets.length), octets)
  }
  parts.push(Uint8Array.of(0))
  return Buffer.concat(parts)
}

/** RFC 4034 §6.1: by labels from the right, octet by octet, and what is missing comes first. */
export function compareNames(left: Name, right: Name): number {
  const lefts = labelsOf(left)
  const rights = labelsOf(right)
  for (let back = 1; back <= Math.min(lefts.length, rights.length); back++) {
    const [one = '', other = ''] = [lefts.at(-back), rights.at(-back)]
    if (one !== other) return Buffer.compare(labelOctets(one), labelOctets(other))
  }
  return lefts.length - rights.length
}

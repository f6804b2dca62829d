import type { Address, DomainName } from '../../../lib/address.ts'
import { type Form, forms, type SectionName, sectionNames } from './forms.ts'
import { type Place, within } from './mistakes.ts'
import { described, type Node } from './node.ts'
import type { Reading } from './read-object.ts'
import { nothingSaid, readSection, type Section } from './read-section.ts'

/** What a file says, section by section. */
export interface ReadFile {
  readonly domain: Section<DomainName>
  readonly user: Section<Address>
  readonly alias: Section<string>
  readonly relay: Section<DomainName>
}

const top: Place = { path: '', line: 1 }

/** Reads Mailu's `config-export` format. Mistakes go where all are collected. */
export function readFile(node: Node, reading: Reading): ReadFile {
  const sections = topEntries(node, reading, sectionNames)
  const section = <Key>(name: SectionName, form: Form<Key>): Section<Key> => {
    const entry = sections.get(name)
    if (!entry) return nothingSaid
    const place = within(top, name, entry.line)
    return readSection(entry, { place, form, reading, keyRequired: true })
  }
  return {
    domain: section('domain', forms.domain),
    user: section('user', forms.user),
    alias: section('alias', forms.alias),
    relay: section('relay', forms.relay),
  }
}

export function topEntries(
  node: Node,
  { mistakes }: Pick<Reading, 'mistakes'>,
  known: readonly string[],
): ReadonlyMap<string, Node> {
  const expected = `expected the sections ${known.join(', ')}`
  const found = new Map<string, Node>()
  if (node.kind !== 'map') {
    mistakes.add({ ...top, line: node.line }, `${expected}, found ${described(node)}`)
    return found
  }
  for (const { key, line, value } of node.entries) {
    const place = within(top, key.slice(0, 100), line)
    if (!known.includes(key)) mistakes.add(place, `there is no such section; ${expected}`)
    else if (found.has(key)) mistakes.add(place, 'this section is there twice')
    else found.set(key, value)
  }
  // An empty file, taken as "all there is", would empty the directory.
  if (node.entries.length === 0) mistakes.add({ ...top, line: node.line }, `${expected}, found none of them`)
  return found
}

import type { Form } from './forms.ts'
import { nth, type Place } from './mistakes.ts'
import { described, type Entry, isNull, type Node } from './node.ts'
import { type Reading, readObject, readScalar, type Said } from './read-object.ts'

/** A list of objects as the file has it. */
export interface Section<Key> {
  readonly items: readonly Item<Key>[]
  readonly deleted: readonly Deleted<Key>[]
  /** What is not named goes. */
  readonly prune: boolean
}

export interface Item<Key> {
  /** Undefined only for tokens and fetches without a number. */
  readonly key: Key | undefined
  readonly said: Said
}

interface Deleted<Key> {
  readonly key: Key
  readonly place: Place
}

export const nothingSaid: Section<never> = { items: [], deleted: [], prune: false }

interface SectionContext<Key> {
  readonly place: Place
  readonly form: Form<Key>
  readonly reading: Reading
  readonly keyRequired: boolean
}

export function readSection<Key>(node: Node, context: SectionContext<Key>): Section<Key> {
  const { place, form, reading } = context
  if (isNull(node)) return nothingSaid
  if (node.kind !== 'list') {
    reading.mistakes.add(place, `expected a list, found ${described(node)}`)
    return nothingSaid
  }
  const items: Item<Key>[] = []
  const deleted: Deleted<Key>[] = []
  let prune = false
  for (const [index, object] of node.items.entries()) {
    const at = nth(place, index, object.line)
    if (object.kind !== 'map') {
      reading.mistakes.add(at, `expected attributes such as "${form.primary}: …", found ${described(object)}`)
      continue
    }
    const removal = removalOf(object.entries, form.primary, reading)
    if (removal && isNull(removal.value)) prune = true
    else if (removal) {
      const read = readScalar(form.key, removal.value, at, reading)
      if (read) deleted.push({ key: read.value, place: at })
    } else items.push(...readItem(object.entries, at, context))
  }
  tellTwice(items, reading)
  return { items, deleted, prune }
}

/** `-name: x` deletes x, `-name: null` what is not named. */
function removalOf(entries: readonly Entry[], primary: string, { mode }: Reading): Entry | undefined {
  return mode === 'update' ? entries.find(({ key }) => key === `-${primary}`) : undefined
}

function readItem<Key>(
  entries: readonly Entry[],
  place: Place,
  { form, reading, keyRequired }: SectionContext<Key>,
): Item<Key>[] {
  const named = entries.find(({ key }) => key === form.primary)
  const rest = entries.filter((entry) => entry !== named)
  const said = readObject(rest, place, withPrimary(form), reading)
  if (named === undefined || (isNull(named.value) && !keyRequired)) {
    if (keyRequired) reading.mistakes.add(place, `${form.primary} is missing: expected ${form.key.expected}`)
    return keyRequired ? [] : [{ key: undefined, said }]
  }
  const read = readScalar(form.key, named.value, { ...place, line: named.line }, reading)
  return read ? [{ key: read.value, said }] : []
}

/** The key is known, so that a second one is told as such and not as unknown. */
const withPrimary = <Key>(form: Form<Key>) => ({ ...form, others: [form.primary, ...form.others] })

function tellTwice<Key>(items: readonly Item<Key>[], { mistakes }: Reading): void {
  const seen = new Set<Key>()
  for (const { key, said } of items) {
    if (key === undefined) continue
    if (seen.has(key)) mistakes.add(said.place, `${String(key)} is there twice`)
    seen.add(key)
  }
}

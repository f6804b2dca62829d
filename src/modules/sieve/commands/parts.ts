import type { Checked, Checking, TagSpec } from '../language/spec.ts'
import { numberOf } from '../language/spec.ts'
import type { PartView } from '../message/message-view.ts'
import type { Machine } from '../run/machine.ts'

const mimeTests = ['header', 'address', 'exists']

/** RFC 5703 §4. */
export const mimeTags: readonly TagSpec[] = [
  { tag: 'mime', extension: 'mime', on: mimeTests },
  { tag: 'anychild', extension: 'mime', on: mimeTests },
  { tag: 'type', extension: 'mime', group: 'mimeopt', on: ['header'] },
  { tag: 'subtype', extension: 'mime', group: 'mimeopt', on: ['header'] },
  { tag: 'contenttype', extension: 'mime', group: 'mimeopt', on: ['header'] },
  { tag: 'param', extension: 'mime', group: 'mimeopt', value: 'strings', on: ['header'] },
]

/** RFC 5260 §6. */
export const indexTags: readonly TagSpec[] = [
  { tag: 'index', extension: 'index', on: ['header', 'address', 'date'], value: 'number' },
  { tag: 'last', extension: 'index', on: ['header', 'address', 'date'] },
]

export function checkIndex(node: Checked, checking: Checking): void {
  const { index, last } = node.options
  if (last !== undefined && index === undefined) {
    checking.error(node.at, `the ':last' tag of the ${node.name} test needs ':index'`)
  }
  if (numberOf(index?.value) === 0) checking.error(node.at, "the ':index' tag counts from 1")
}

/** The part that foreverypart stands on. */
export function currentPart(machine: Machine): PartView | undefined {
  return machine.loops.at(-1)?.part
}

/** The parts whose headers a test looks at. */
export function partsLookedAt(node: Checked, machine: Machine): readonly PartView[] {
  // RFC 5703 §4: without :mime it is the header of the message, inside a loop as well
  if (node.options['mime'] === undefined) return [machine.message.view.root]
  const part = currentPart(machine) ?? machine.message.view.root
  return node.options['anychild'] === undefined ? [part] : [...part.family()]
}

/** With `:index` the one that is meant, counted from the top or with `:last` from the bottom. */
export function picked<T>(node: Checked, values: readonly T[]): readonly T[] {
  const index = numberOf(node.options['index']?.value)
  if (index === undefined) return values
  const value = node.options['last'] === undefined ? values[index - 1] : values[values.length - index]
  return index === 0 || value === undefined ? [] : [value]
}

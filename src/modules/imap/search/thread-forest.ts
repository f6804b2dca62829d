import { nextTurn } from '../../../platform/next-turn.ts'
import { workPerTurn } from './in-slices.ts'

/**
 * Messages as threads join them. Nodes below `messages` are messages in the order of the mailbox; those above are dummies, which
 * stand for what is not there, have children, and have no parent.
 */
export interface Forest {
  readonly messages: number
  readonly roots: readonly number[]
  /** By node; -1 where there is none. Siblings in order. */
  readonly firstChild: Int32Array
  readonly nextSibling: Int32Array
}

export const none = -1

/**
 * Hangs the messages below their parents, siblings and roots by date: `byDate` are all messages in that order. A dummy stands where its
 * first child stands.
 */
export async function forestOf(
  byDate: Uint32Array,
  parentOf: (message: number) => number,
  nodes: number,
): Promise<Forest> {
  const firstChild = new Int32Array(nodes).fill(none)
  const lastChild = new Int32Array(nodes).fill(none)
  const nextSibling = new Int32Array(nodes).fill(none)
  const roots: number[] = []
  for (let at = 0; at < byDate.length; at++) {
    const message = byDate[at] ?? 0
    const parent = parentOf(message)
    if (parent === none) roots.push(message)
    else if (firstChild[parent] === none) {
      firstChild[parent] = message
      if (parent >= byDate.length) roots.push(parent)
    } else nextSibling[lastChild[parent] ?? 0] = message
    if (parent !== none) lastChild[parent] = message
    if (at % workPerTurn === workPerTurn - 1) await nextTurn()
  }
  return { messages: byDate.length, roots, firstChild, nextSibling }
}

/** As the THREAD response shows it, in pieces. RFC 5256 §4. */
export function* writeForest(forest: Forest, nameOf: (message: number) => number): Generator<string> {
  // What is still to be written, the next on top. Threads are as deep as people make them: no recursion.
  const stack: (number | string)[] = []
  let piece = ''
  for (const root of forest.roots) {
    stack.push(')', root, '(')
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (typeof next === 'string') piece += next
      else {
        if (next < forest.messages) piece += nameOf(next)
        pushBelow(forest, next, stack)
      }
      if (piece.length > workPerTurn) {
        yield piece
        piece = ''
      }
    }
  }
  yield piece
}

/** An only child stands beside its parent, several each in parentheses. */
function pushBelow(forest: Forest, node: number, stack: (number | string)[]): void {
  const isMessage = node < forest.messages
  const first = forest.firstChild[node] ?? none
  if (first === none) return
  const children = siblingsFrom(forest, first)
  if (children.length === 1 && isMessage) {
    stack.push(first, ' ')
    return
  }
  for (const child of children.reverse()) stack.push(')', child, '(')
  if (isMessage) stack.push(' ')
}

function siblingsFrom({ nextSibling }: Forest, first: number): number[] {
  const siblings: number[] = []
  for (let node = first; node !== none; node = nextSibling[node] ?? none) siblings.push(node)
  return siblings
}

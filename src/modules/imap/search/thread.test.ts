import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Algorithm, threadsOf } from './thread.ts'
import { writeForest } from './thread-forest.ts'

interface Message {
  readonly id: number
  readonly above: readonly number[]
  readonly subject: string
  readonly reply: boolean
  readonly date: number
}

/** A container of the RFC, as plain as its text. */
class Node {
  message: number | undefined
  parent: Node | undefined
  children: Node[] = []

  constructor(message?: number) {
    this.message = message
  }

  below(other: Node): boolean {
    for (let node: Node | undefined = other; node; node = node.parent) if (node === this) return true
    return false
  }

  hang(child: Node): void {
    if (child.below(this)) return
    child.parent = this
    this.children.push(child)
  }

  cut(): void {
    const { parent } = this
    if (parent) parent.children = parent.children.filter((each) => each !== this)
    this.parent = undefined
  }
}

/** RFC 5256 §3 REFERENCES word for word, with no thought of speed. */
function naive(messages: readonly Message[], algorithm: 'references' | 'refs'): string {
  const at = (node: Node): Message | undefined => messages[node.message ?? -1]
  const nodes = messages.map((_, index) => new Node(index))
  const byId = new Map<number, Node>()
  for (const [index, { id }] of messages.entries()) {
    const node = nodes[index]
    if (id !== 0 && !byId.has(id) && node) byId.set(id, node)
  }
  const dummies: Node[] = []
  const find = (id: number): Node => {
    const known = byId.get(id) ?? new Node()
    if (!byId.has(id)) dummies.push(known)
    byId.set(id, known)
    return known
  }
  for (const [index, { above }] of messages.entries()) {
    const node = nodes[index] ?? new Node()
    let last: Node | undefined
    for (const id of above) {
      const next = find(id)
      if (last && !next.parent) last.hang(next)
      last = next
    }
    node.cut()
    last?.hang(node)
  }
  let roots = [...nodes, ...dummies].filter((node) => !node.parent)
  // Step 3, from the leaves up.
  const prune = (siblings: readonly Node[], top: boolean): Node[] =>
    siblings.flatMap((node) => {
      node.children = prune(node.children, false)
      if (node.message !== undefined) return [node]
      if (node.children.length === 0) return []
      return top && node.children.length > 1 ? [node] : node.children
    })
  roots = prune(roots, true)
  const dated = (node: Node): readonly [number, number] => {
    const shown = node.message === undefined ? node.children[0] : node
    return [(shown && at(shown)?.date) ?? 0, shown?.message ?? 0]
  }
  const compare = (a: Node, b: Node): number => dated(a)[0] - dated(b)[0] || dated(a)[1] - dated(b)[1]
  const sort = (siblings: Node[]): void => {
    for (const node of siblings) sort(node.children)
    siblings.sort(compare)
  }
  sort(roots)
  if (algorithm === 'references') roots = mergeSubjects(roots, at)
  sort(roots)
  if (algorithm === 'refs') {
    const latest = (node: Node): readonly [number, number] =>
      [dated(node), ...node.children.map(latest)].reduce((a, b) => ((b[0] - a[0] || b[1] - a[1]) > 0 ? b : a))
    roots.sort((a, b) => latest(a)[0] - latest(b)[0] || latest(a)[1] - latest(b)[1])
  }
  return roots.map((root) => `(${show(root)})`).join('')
}

function mergeSubjects(sorted: readonly Node[], at: (node: Node) => Message | undefined): Node[] {
  let roots = [...sorted]
  const subject = (node: Node): string => {
    const shown = node.message === undefined ? node.children[0] : node
    return (shown && at(shown)?.subject) ?? ''
  }
  const reply = (node: Node): boolean => at(node)?.reply ?? false
  const table = chosen(sorted, subject, reply)
  for (const node of sorted) {
    const text = subject(node)
    const known = table.get(text)
    if (!known || known === node) continue
    roots = roots.filter((root) => root !== node)
    if (known.message === undefined)
      known.children.push(...(node.message === undefined ? node.children : [node]))
    else if (reply(node) && !reply(known)) known.children.push(node)
    else {
      const dummy = new Node()
      dummy.children = [known, node]
      roots = [...roots.filter((root) => root !== known), dummy]
      table.set(text, dummy)
    }
  }
  return roots
}

function chosen(
  sorted: readonly Node[],
  subject: (node: Node) => string,
  reply: (node: Node) => boolean,
): Map<string, Node> {
  const table = new Map<string, Node>()
  for (const node of sorted.filter((each) => subject(each) !== '')) {
    const known = table.get(subject(node))
    const isDummy = node.message === undefined
    const better = known?.message !== undefined && (isDummy || (reply(known) && !reply(node)))
    if (!known || better) table.set(subject(node), node)
  }
  return table
}

function show(node: Node): string {
  const name = node.message === undefined ? '' : String(node.message + 1)
  const [only] = node.children
  if (!only) return name
  if (node.children.length === 1) return `${name} ${show(only)}`
  return `${name}${name === '' ? '' : ' '}${node.children.map((child) => `(${show(child)})`).join('')}`
}

async function threads(messages: readonly Message[], algorithm: Algorithm): Promise<string> {
  const subjects = [...new Set(messages.map(({ subject }) => subject))]
  const forest = await threadsOf(algorithm, {
    count: messages.length,
    dates: messages.map(({ date }) => date),
    idsOf: (message) => [messages[message]?.id ?? 0, ...(messages[message]?.above ?? [])],
    subjectOf: (message) => {
      const subject = messages[message]?.subject ?? ''
      return subject === '' ? undefined : subjects.indexOf(subject)
    },
    isReply: (message) => messages[message]?.reply ?? false,
  })
  return [...writeForest(forest, (message) => message + 1)].join('')
}

const id = fc.integer({ min: 1, max: 14 })
const message = fc.record({
  id: fc.oneof(fc.constant(0), id),
  above: fc.array(id, { maxLength: 5 }),
  subject: fc.constantFrom('', 'a', 'b', 'c'),
  reply: fc.boolean(),
  date: fc.integer({ min: 1, max: 9 }),
})

test.each(['references', 'refs'] as const)('%s is what the text of the standard says', async (algorithm) => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 14 }), async (messages) => {
      expect(await threads(messages, algorithm)).toBe(naive(messages, algorithm))
    }),
    { numRuns: 3000 },
  )
})

test('ordered subjects are two levels deep, each level by date', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 12 }), async (messages) => {
      const sorted = messages
        .map((each, index) => ({ ...each, number: index + 1 }))
        .sort((a, b) => a.date - b.date || a.number - b.number)
      const groups = new Map<string, number[]>()
      for (const { subject, number } of sorted) groups.set(subject, [...(groups.get(subject) ?? []), number])
      const shown = [...groups.values()].map(([first, ...others]) => {
        if (others.length < 2) return `(${[first, ...others].join(' ')})`
        return `(${first} ${others.map((other) => `(${other})`).join('')})`
      })
      expect(await threads(messages, 'ordered-subject')).toBe(shown.join(''))
    }),
  )
})

test('a thread of 50,000 replies, each to the one before, is written without running out of stack', async () => {
  const chain = Array.from({ length: 50_000 }, (_, index): Message => {
    return { id: index + 1, above: index === 0 ? [] : [index], subject: 'a', reply: index > 0, date: index }
  })
  const shown = await threads(chain, 'references')
  expect(shown.slice(0, 10)).toBe('(1 2 3 4 5')
  expect(shown.endsWith(' 49999 50000)')).toBe(true)
})

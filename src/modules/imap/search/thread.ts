import { nextTurn } from '../../../platform/next-turn.ts'
import { countUp, sortInSlices, workPerTurn } from './in-slices.ts'
import { type Forest, forestOf, none } from './thread-forest.ts'
import { linkByReferences, type Threadable, withoutDummies } from './thread-links.ts'
import { mergeBySubject } from './thread-subjects.ts'

export type Algorithm = 'ordered-subject' | 'references' | 'refs'

export async function threadsOf(algorithm: Algorithm, given: Threadable): Promise<Forest> {
  const { dates, count } = given
  const byDate = await sortInSlices(countUp(count), (a, b) => (dates[a] ?? 0) - (dates[b] ?? 0) || a - b)
  switch (algorithm) {
    case 'ordered-subject':
      return await byOrderedSubject(byDate, given)
    case 'references':
      return await byReferences(byDate, given)
    case 'refs':
      return await byRefs(byDate, given)
  }
}

/** RFC 5256 §3 ORDEREDSUBJECT: the first message of a subject is the parent of all others. */
async function byOrderedSubject(byDate: Uint32Array, { subjectOf }: Threadable): Promise<Forest> {
  const firsts = new Map<number, number>()
  const parentOf = (message: number): number => {
    const subject = subjectOf(message) ?? none
    const first = firsts.get(subject)
    if (first === undefined) firsts.set(subject, message)
    return first ?? none
  }
  return await forestOf(byDate, parentOf, byDate.length)
}

/** RFC 5256 §3 REFERENCES. */
async function byReferences(byDate: Uint32Array, given: Threadable): Promise<Forest> {
  const links = await linkByReferences(given.count, given.idsOf)
  await nextTurn()
  const parents = withoutDummies(links, given.count)
  // Steps 2 to 4.
  const forest = await forestOf(byDate, (message) => parents[message] ?? none, links.parents.length)
  const { redirected, nodes } = await mergeBySubject(forest, parents, given)
  // Step 6.
  const parentOf = (message: number): number => {
    const parent = parents[message] ?? none
    return redirected.get(parent) ?? parent
  }
  return await forestOf(byDate, parentOf, nodes)
}

/** The same links without a look at subjects; the thread that was written to last comes last. draft-ietf-morg-inthread. */
async function byRefs(byDate: Uint32Array, given: Threadable): Promise<Forest> {
  const links = await linkByReferences(given.count, given.idsOf)
  await nextTurn()
  const parents = withoutDummies(links, given.count)
  const forest = await forestOf(byDate, (message) => parents[message] ?? none, links.parents.length)
  const rootOf = new Int32Array(links.parents.length).fill(none)
  const seen = new Set<number>()
  // From the latest on: each thread stands where its latest message is met.
  for (let at = byDate.length - 1; at >= 0; at--) {
    seen.add(climb(byDate[at] ?? 0, parents, rootOf))
    if (at % workPerTurn === 0) await nextTurn()
  }
  return { ...forest, roots: [...seen].reverse() }
}

function climb(message: number, parents: Int32Array, rootOf: Int32Array): number {
  const passed: number[] = []
  let node = message
  while (rootOf[node] === none) {
    passed.push(node)
    const parent = node < parents.length ? (parents[node] ?? none) : none
    if (parent === none) rootOf[node] = node
    else node = parent
  }
  const root = rootOf[node] ?? node
  for (const each of passed) rootOf[each] = root
  return root
}

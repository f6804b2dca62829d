import { LRUCache } from 'lru-cache'
import {
  type Assertion,
  type CharacterSet,
  type Instruction,
  type ParsedRegex,
  parseRegex,
} from './regex-parser.ts'

/** The programs of what was lately used; reading one takes longer than running it. */
const programs = new LRUCache<string, ParsedRegex>({
  maxSize: 200_000,
  sizeCalculation: (regex) => (regex.kind === 'regex' ? regex.program.length : 1),
})

export function readRegex(pattern: string): ParsedRegex {
  const known = programs.get(pattern)
  if (known !== undefined) return known
  const program = parseRegex(pattern)
  programs.set(pattern, program)
  return program
}

interface Thread {
  readonly pc: number
  readonly slots: readonly number[]
}

interface Run {
  readonly program: readonly Instruction[]
  readonly text: string
  readonly fold: boolean
}

/**
 * The leftmost longest match as POSIX wants it, `[0]` the whole and one for each group; undefined where there is none. All
 * ways are followed at once, so that no pattern takes longer than its length times that of the text (draft-ietf-sieve-regex
 * §6); `spend` is told of each step.
 */
export function matchRegex(
  regex: ParsedRegex & { kind: 'regex' },
  text: string,
  { fold, spend }: { readonly fold: boolean; readonly spend: (steps: number) => void },
): string[] | undefined {
  const run: Run = { program: regex.program, text, fold }
  const slots = search(run, spend)
  if (slots === undefined) return undefined
  return Array.from({ length: regex.groups + 1 }, (_, group) =>
    text.slice(slots[group * 2] ?? 0, slots[group * 2 + 1] ?? 0),
  )
}

function search(run: Run, spend: (steps: number) => void): readonly number[] | undefined {
  const { text } = run
  let best: readonly number[] | undefined
  let threads: readonly Thread[] = []
  for (let at = 0; ; ) {
    // a match that begins further left wins, so nobody starts behind one
    const current = reach(run, best === undefined ? [...threads, { pc: 0, slots: [] }] : threads, at)
    spend(1 + (current.length >> 1))
    for (const { pc, slots } of current) if (run.program[pc]?.op === 'match') best = better(best, slots)
    const code = text.codePointAt(at)
    if (code === undefined) return best
    threads = step(run, current, code, best)
    if (threads.length === 0 && best !== undefined) return best
    at += code > 0xffff ? 2 : 1
  }
}

/** Everywhere the threads can wait, each place once, the preferred thread first. */
function reach(run: Run, threads: readonly Thread[], at: number): Thread[] {
  const seen = new Uint8Array(run.program.length)
  const into: Thread[] = []
  for (const thread of threads) follow(run, thread, at, { seen, into })
  return into
}

/** The threads that take this character; those that began behind the best match are given up. */
function step(
  run: Run,
  current: readonly Thread[],
  code: number,
  best: readonly number[] | undefined,
): Thread[] {
  const threads: Thread[] = []
  for (const { pc, slots } of current) {
    const instruction = run.program[pc]
    if (instruction === undefined || !takes(instruction, code, run.fold)) continue
    if (best === undefined || (slots[0] ?? 0) <= (best[0] ?? 0)) threads.push({ pc: pc + 1, slots })
  }
  return threads
}

function better(best: readonly number[] | undefined, slots: readonly number[]): readonly number[] {
  if (best === undefined || (slots[0] ?? 0) < (best[0] ?? 0)) return slots
  return slots[0] === best[0] && (slots[1] ?? 0) > (best[1] ?? 0) ? slots : best
}

/** Every instruction that waits for a character and is reached from here, the preferred ones first. */
function follow(
  run: Run,
  start: Thread,
  at: number,
  { seen, into }: { readonly seen: Uint8Array; readonly into: Thread[] },
): void {
  const open: Thread[] = [start]
  for (let thread = open.pop(); thread !== undefined; thread = open.pop()) {
    const { pc, slots } = thread
    if (seen[pc] === 1) continue
    seen[pc] = 1
    const instruction = run.program[pc]
    switch (instruction?.op) {
      case 'jump':
        open.push({ pc: instruction.to, slots })
        break
      case 'split':
        open.push({ pc: instruction.second, slots }, { pc: instruction.first, slots })
        break
      case 'save':
        open.push({ pc: pc + 1, slots: saved(slots, instruction.slot, at) })
        break
      case 'assert':
        if (holds(instruction.what, run.text, at)) open.push({ pc: pc + 1, slots })
        break
      case 'char':
      case 'any':
      case 'set':
      case 'match':
        into.push(thread)
        break
      case undefined:
    }
  }
}

function saved(slots: readonly number[], slot: number, at: number): readonly number[] {
  const copy = [...slots]
  while (copy.length < slot) copy.push(0)
  copy[slot] = at
  return copy
}

function takes(instruction: Instruction, code: number, fold: boolean): boolean {
  switch (instruction.op) {
    case 'any':
      return true
    case 'char':
      return instruction.code === code || (fold && lower(instruction.code) === lower(code))
    case 'set':
      return isIn(instruction.set, code, fold) !== instruction.set.negated
    case 'split':
    case 'jump':
    case 'save':
    case 'assert':
    case 'match':
      return false
  }
}

function isIn({ ranges }: CharacterSet, code: number, fold: boolean): boolean {
  if (ranges.some(([from, to]) => code >= from && code <= to)) return true
  if (!fold) return false
  const other = code === lower(code) ? upper(code) : lower(code)
  return other !== code && ranges.some(([from, to]) => other >= from && other <= to)
}

const lower = (code: number) => (code >= 0x41 && code <= 0x5a ? code + 32 : code)
const upper = (code: number) => (code >= 0x61 && code <= 0x7a ? code - 32 : code)

function holds(what: Assertion, text: string, at: number): boolean {
  const [before, after] = [/\w/.test(text.charAt(at - 1)), /\w/.test(text.charAt(at))]
  switch (what) {
    case 'start':
      return at === 0
    case 'end':
      return at === text.length
    case 'word-edge':
      return before !== after
    case 'no-word-edge':
      return before === after
    case 'word-start':
      return !before && after
    case 'word-end':
      return before && !after
  }
}

import { expect, test } from 'vitest'
import type { Peer } from '../support/dialog.ts'
import { ImapStage } from '../support/imap-stage.ts'

/** Three people, each with the same two folders that may be shared; whatever they do, they get what a naive reading of RFC 4314 gives. */
const people = ['ann', 'bob', 'cid'] as const
const boxes = ['Box', 'Box/Sub', 'Box/New'] as const
const letters = 'lrswipkxtea'
const flagNames = ['\\Seen', '\\Deleted', '\\Flagged', 'Mine'] as const
const steps = 1500

type Person = (typeof people)[number]

interface Box {
  grants: Map<string, string>
  messages: Map<number, Set<string>>
  nextUid: number
}

/** Nothing clever: so that it is clearly right. */
class Model {
  readonly boxes = new Map<string, Box>()

  constructor() {
    for (const owner of people)
      for (const name of ['Box', 'Box/Sub'])
        this.boxes.set(`${owner} ${name}`, { grants: new Map(), messages: new Map(), nextUid: 1 })
  }

  box(owner: Person, name: string): Box | undefined {
    return this.boxes.get(`${owner} ${name}`)
  }

  rights(actor: Person, owner: Person, name: string): string {
    const box = this.box(owner, name)
    if (!box) return ''
    if (actor === owner) return letters
    const ids = [`${actor}@home.test`, 'anyone']
    return letters
      .split('')
      .filter((letter) => ids.some((id) => box.grants.get(id)?.includes(letter)))
      .filter((letter) => !ids.some((id) => box.grants.get(`-${id}`)?.includes(letter)))
      .join('')
  }

  /** What is answered where these rights are needed; '' where they are there. */
  refusal(actor: Person, owner: Person, name: string, needs: string): string {
    const rights = this.rights(actor, owner, name)
    if (!rights.includes('l')) return 'NONEXISTENT'
    return needs.split('').every((need) => rights.includes(need)) ? '' : 'NOPERM'
  }
}

/** https://prng.di.unimi.it/ splitmix, small. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) % below
  }
}

function mayChange(flag: string, rights: string): boolean {
  if (flag === '\\Seen') return rights.includes('s')
  return rights.includes(flag === '\\Deleted' ? 't' : 'w')
}

const isReadOnly = (rights: string): boolean => !/[ieswt]/.test(rights)

/** The first that is not empty. */
const first = (...answers: readonly string[]): string => answers.find((answer) => answer !== '') ?? ''
const unless = (isAllowed: boolean, refusal: string): string => (isAllowed ? '' : refusal)

class World {
  readonly model = new Model()
  readonly #stage = new ImapStage()
  readonly #peers = new Map<Person, Peer>()
  readonly #roll: (below: number) => number
  #tag = 0
  #said = ''

  constructor(seed: number) {
    this.#roll = dice(seed)
  }

  async begin(): Promise<void> {
    for (const [index, person] of people.entries()) {
      await this.#stage.given(`${index + 1} signed in as ${person}@home.test`)
      this.#peers.set(person, await this.#stage.connect(`${index + 1}`))
      expect(await this.ask(person, 'CREATE Box/Sub')).toBe('OK')
    }
  }

  end(): Promise<void> {
    return this.#stage.end()
  }

  pick<T>(from: readonly T[]): T {
    return from[this.#roll(from.length)] as T
  }

  some(from: readonly string[]): string[] {
    return from.filter(() => this.#roll(2) === 0)
  }

  /** `OK`, or the code of the refusal; what was said before is in `said`. */
  async ask(person: Person, command: string): Promise<string> {
    const peer = this.#peers.get(person)
    if (!peer) throw new Error(person)
    const tag = `t${++this.#tag}`
    peer.send(`${tag} ${command}`)
    this.#said = ''
    for (;;) {
      const line = await peer.next()
      const [, kind = '', code = ''] = new RegExp(`^${tag} (OK|NO|BAD)(?: \\[([A-Z-]+))?`).exec(line) ?? []
      if (kind === 'OK') return 'OK'
      if (kind !== '') return kind === 'NO' ? code : `${kind} to ${command}: ${line}`
      if (line === '(closed)') throw new Error(`closed at ${command}`)
      this.#said += `${line}\n`
    }
  }

  get said(): string {
    return this.#said
  }
}

const nameFor = (actor: Person, owner: Person, box: string): string =>
  actor === owner ? `"${box}"` : `"Other Users/${owner}@home.test/${box}"`

interface Step {
  readonly actor: Person
  readonly owner: Person
  readonly box: string
  readonly name: string
}

type Deed = (world: World, step: Step) => Promise<void>

const deeds: Readonly<Record<string, Deed>> = {
  async setAcl(world, { actor, owner, box, name }) {
    const who = world.pick(people)
    const id = world.pick([`${who}@home.test`, `-${who}@home.test`, 'anyone', '-anyone'])
    const given = world.some(letters.split('')).join('')
    const expected =
      world.model.refusal(actor, owner, box, 'a') ||
      (id === `${owner}@home.test` || id === `-${owner}@home.test` ? 'CANNOT' : 'OK')
    expect(await world.ask(actor, `SETACL ${name} ${id} "${given}"`)).toBe(expected)
    if (expected === 'OK') world.model.box(owner, box)?.grants.set(id, given)
  },
  async give(world, { owner, box, actor }) {
    if (!world.model.box(owner, box) || actor === owner) return
    const given = `lr${world.some('swikxte'.split('')).join('')}`
    expect(await world.ask(owner, `SETACL "${box}" ${actor}@home.test ${given}`)).toBe('OK')
    world.model.box(owner, box)?.grants.set(`${actor}@home.test`, given)
  },
  async myRights(world, { actor, owner, box, name }) {
    const expected = world.model.refusal(actor, owner, box, '') || 'OK'
    expect(await world.ask(actor, `MYRIGHTS ${name}`)).toBe(expected)
    if (expected !== 'OK') return
    const rights = world.model.rights(actor, owner, box)
    const old = `${/[kx]/.test(rights) ? 'c' : ''}${/[te]/.test(rights) ? 'd' : ''}`
    expect(world.said).toBe(`* MYRIGHTS ${name} ${rights}${old}\n`)
  },
  async status(world, { actor, owner, box, name }) {
    const expected = world.model.refusal(actor, owner, box, 'r') || 'OK'
    expect(await world.ask(actor, `STATUS ${name} (MESSAGES)`)).toBe(expected)
    if (expected === 'OK')
      expect(world.said).toBe(`* STATUS ${name} (MESSAGES ${world.model.box(owner, box)?.messages.size})\n`)
  },
  async list(world, { actor }) {
    expect(await world.ask(actor, 'LIST "" "*Box*"')).toBe('OK')
    const shown = [...world.said.matchAll(/^\* LIST \((.*?)\) "\/" (".*")$/gm)]
      .filter(([, attributes]) => !attributes?.includes('NonExistent'))
      .map(([, , name]) => name)
    const expected = people.flatMap((owner) =>
      boxes
        .filter((box) => world.model.rights(actor, owner, box).includes('l'))
        .map((box) => nameFor(actor, owner, box)),
    )
    expect(new Set(shown)).toEqual(new Set(expected))
  },
  async append(world, { actor, owner, box, name }) {
    const refusal = world.model.refusal(actor, owner, box, 'i')
    const flags = world.some(flagNames)
    const expected = refusal === 'NONEXISTENT' ? 'TRYCREATE' : refusal || 'OK'
    expect(await world.ask(actor, `APPEND ${name} (${flags.join(' ')}) {12+}\r\nSubject: x\r\n`)).toBe(
      expected,
    )
    if (expected === 'OK') put(world, step(actor, owner, box), flags)
  },
  async store(world, at) {
    const { actor, owner, box } = at
    if (!(await select(world, at))) return
    const rights = world.model.rights(actor, owner, box)
    const sign = world.pick(['+', '-', ''])
    const flags = world.some(flagNames)
    const uid = 1 + world.pick([0, 1, 2, 3])
    const allowed = flags.filter((flag) => mayChange(flag, rights))
    const nothing = sign === '' ? !/[swt]/.test(rights) : flags.length > 0 && allowed.length === 0
    const expected = first(unless(!isReadOnly(rights), 'READ-ONLY'), unless(!nothing, 'NOPERM'), 'OK')
    expect(await world.ask(actor, `UID STORE ${uid} ${sign}FLAGS (${flags.join(' ')})`)).toBe(expected)
    const message = world.model.box(owner, box)?.messages.get(uid)
    if (expected === 'OK' && message) change(message, sign, flags, rights)
  },
  async read(world, at) {
    const { actor, owner, box } = at
    if (!(await select(world, at))) return
    expect(await world.ask(actor, 'UID FETCH 1:3 BODY[]')).toBe('OK')
    const rights = world.model.rights(actor, owner, box)
    for (const [uid, flags] of world.model.box(owner, box)?.messages ?? [])
      if (uid <= 3 && rights.includes('s')) flags.add('\\Seen')
  },
  async expunge(world, at) {
    const { actor, owner, box } = at
    if (!(await select(world, at))) return
    const rights = world.model.rights(actor, owner, box)
    const refusal = rights.includes('e') ? '' : 'NOPERM'
    const expected = (isReadOnly(rights) ? 'READ-ONLY' : refusal) || 'OK'
    const byClose = world.pick([true, false])
    expect(await world.ask(actor, byClose ? 'CLOSE' : 'EXPUNGE')).toBe(byClose ? 'OK' : expected)
    if (expected === 'OK') dropDeleted(world.model.box(owner, box))
  },
  async transfer(world, at) {
    const { actor, owner, box } = at
    if (!(await select(world, at))) return
    const target = step(actor, world.pick(people), world.pick(boxes))
    const uid = 1 + world.pick([0, 1, 2, 3])
    const moves = world.pick([true, false])
    const rights = world.model.rights(actor, owner, box)
    const refusal = world.model.refusal(actor, target.owner, target.box, 'i')
    const source = world.model.box(owner, box)
    const flags = source?.messages.get(uid)
    const lacking = first(unless(!isReadOnly(rights), 'READ-ONLY'), unless(/t.*e/.test(rights), 'NOPERM'))
    const ended = flags && moves ? lacking : ''
    const expected = (refusal === 'NONEXISTENT' ? 'TRYCREATE' : refusal) || ended || 'OK'
    expect(await world.ask(actor, `UID ${moves ? 'MOVE' : 'COPY'} ${uid} ${target.name}`)).toBe(expected)
    if (expected !== 'OK' || !flags) return
    put(world, target, [...flags])
    if (moves) source?.messages.delete(uid)
  },
  async create(world, { actor, owner, name }) {
    const child = nameFor(actor, owner, 'Box/New')
    const mayCreate = actor === owner || world.model.rights(actor, owner, 'Box').match(/l.*k/) !== null
    const exists = world.model.box(owner, 'Box/New') !== undefined
    const expected = first(unless(mayCreate, 'NOPERM'), unless(!exists, 'ALREADYEXISTS'), 'OK')
    expect(await world.ask(actor, `CREATE ${child}`), name).toBe(expected)
    const grants = new Map(world.model.box(owner, 'Box')?.grants)
    if (expected === 'OK')
      world.model.boxes.set(`${owner} Box/New`, { grants, messages: new Map(), nextUid: 1 })
  },
  async delete(world, { actor, owner }) {
    const expected = world.model.refusal(actor, owner, 'Box/New', 'x') || 'OK'
    expect(await world.ask(actor, `DELETE ${nameFor(actor, owner, 'Box/New')}`)).toBe(expected)
    if (expected === 'OK') world.model.boxes.delete(`${owner} Box/New`)
  },
  async rename(world, { actor, owner }) {
    const refusal = world.model.refusal(actor, owner, 'Box/New', 'x')
    const mayCreate = actor === owner || world.model.rights(actor, owner, 'Box').match(/l.*k/) !== null
    const expected = refusal || (mayCreate ? 'OK' : 'NOPERM')
    const from = nameFor(actor, owner, 'Box/New')
    const to = nameFor(actor, owner, 'Box/Away')
    expect(await world.ask(actor, `RENAME ${from} ${to}`)).toBe(expected)
    if (expected === 'OK') expect(await world.ask(owner, 'RENAME Box/Away Box/New')).toBe('OK')
  },
}

function step(actor: Person, owner: Person, box: string): Step {
  return { actor, owner, box, name: nameFor(actor, owner, box) }
}

async function select(world: World, { actor, owner, box, name }: Step): Promise<boolean> {
  const expected = world.model.refusal(actor, owner, box, 'r') || 'OK'
  expect(await world.ask(actor, `SELECT ${name}`)).toBe(expected)
  return expected === 'OK'
}

function put(world: World, { actor, owner, box }: Step, flags: readonly string[]): void {
  const target = world.model.box(owner, box)
  const rights = world.model.rights(actor, owner, box)
  target?.messages.set(target.nextUid++, new Set(flags.filter((flag) => mayChange(flag, rights))))
}

function change(message: Set<string>, sign: string, flags: readonly string[], rights: string): void {
  const may = (flag: string) => mayChange(flag, rights)
  if (sign === '') for (const flag of flagNames.filter(may)) message.delete(flag)
  for (const flag of flags.filter(may)) {
    if (sign === '-') message.delete(flag)
    else message.add(flag)
  }
}

function dropDeleted(box: Box | undefined): void {
  for (const [uid, flags] of box?.messages ?? []) if (flags.has('\\Deleted')) box?.messages.delete(uid)
}

/** The owner looks: every message is there, with the flags it should have, and nothing else. */
async function compare(world: World, owner: Person, name: string): Promise<void> {
  expect(await world.ask(owner, `EXAMINE "${name}"`)).toBe('OK')
  expect(await world.ask(owner, 'UID FETCH 1:* FLAGS')).toBe('OK')
  const found = [...world.said.matchAll(/FETCH \(UID (\d+) FLAGS \((.*?)\)\)/g)].map(
    ([, uid, flags = '']) => [Number(uid), flags.split(' ').filter(Boolean).sort()],
  )
  const expected = [...(world.model.box(owner, name)?.messages ?? [])].map(([uid, flags]) => [
    uid,
    [...flags].sort(),
  ])
  expect(found).toEqual(expected)
}

test.each([1, 2])(
  'whoever does what in whose mailbox gets what their rights give, no more and no less (seed %i)',
  async (seed) => {
    const world = new World(seed)
    try {
      await world.begin()
      const names = Object.keys(deeds)
      for (let count = 1; count <= steps; count++) {
        const at = step(world.pick(people), world.pick(people), world.pick(boxes))
        const name = world.pick(names)
        try {
          await deeds[name]?.(world, at)
          // Nobody looks while others act: what that tells is a matter of dialogs.
          await world.ask(at.actor, 'UNSELECT')
        } catch (cause) {
          throw new Error(`step ${count}: ${at.actor} ${name} ${at.name}: ${(cause as Error).message}`, {
            cause,
          })
        }
        if (count % 20 === 0) {
          const owner = world.pick(people)
          for (const box of ['Box', 'Box/Sub']) await compare(world, owner, box)
          await world.ask(owner, 'UNSELECT')
        }
      }
    } finally {
      await world.end()
    }
  },
)

import { scriptName } from '../../lib/script-name.ts'
import type { SieveCompiled } from '../../ports/sieve.ts'
import type {
  NoRoom,
  ScriptChecked,
  ScriptEntry,
  ScriptLimits,
  ScriptOwner,
  ScriptStore,
  SieveScripts,
} from '../../ports/sieve-scripts.ts'
import { ActiveScripts, sourceOf } from './active-scripts.ts'
import { Compiler } from './check/compile-aside.ts'

export interface ScriptsParts {
  readonly store: ScriptStore
  readonly limits: ScriptLimits
}

/** Scripts as people work with them: checked before they are kept, compiled once. */
export function checkedScripts({ store, limits }: ScriptsParts): SieveScripts {
  const compiler = new Compiler()
  const active = new ActiveScripts(store, compiler, limits)
  const source = async (owner: ScriptOwner, name: string, text: string) =>
    sourceOf({ name, text, owner, library: (await store.shelf(owner)).library, limits })
  const tooLarge = (text: string) =>
    Buffer.byteLength(text) > limits.scriptBytes
      ? ({ kind: 'too-large', mostBytes: limits.scriptBytes } as const)
      : undefined
  const check = async (owner: ScriptOwner, name: string, text: string): Promise<ScriptChecked> =>
    tooLarge(text) ?? checked(await compiler.check(await source(owner, name, text)))
  return {
    list: (owner) => store.entries(owner),
    async get(owner, given) {
      const name = scriptName(given)
      return name === undefined ? undefined : store.text(owner, name)
    },
    check,
    compile: async (owner, name, text) =>
      tooLarge(text) ?? (await compiler.compile(await source(owner, name, text))),
    async room(owner, given, bytes) {
      const name = scriptName(given)
      if (name === undefined) return { kind: 'bad-name' }
      return noRoom(await store.entries(owner), { name, bytes, limits }) ?? { kind: 'room' }
    },
    async put(owner, given, text) {
      const name = scriptName(given)
      if (name === undefined) return { kind: 'bad-name' }
      const answer = await check(owner, name, text)
      if (answer.kind !== 'good') return answer
      const stored = await store.put(owner, { name, text }, limits)
      return stored.kind === 'stored' ? { kind: 'stored', warnings: answer.warnings } : stored
    },
    async activate(owner, given) {
      const name = scriptName(given)
      const text = name === undefined ? undefined : await store.text(owner, name)
      if (name === undefined || text === undefined) return { kind: 'missing' }
      // What it includes may have changed since it was put, and an import checks nothing.
      const answer = checked(await compiler.check(await source(owner, name, text)))
      if (answer.kind === 'refused') return answer
      const done = await store.setActive(owner, name)
      return done.kind === 'done' ? { kind: 'active', warnings: answer.warnings } : done
    },
    async deactivate(owner) {
      const done = await store.setActive(owner, undefined)
      return done.kind === 'missing' ? { kind: 'done' } : done
    },
    async rename(owner, givenFrom, givenTo) {
      const to = scriptName(givenTo)
      if (to === undefined) return { kind: 'bad-name' }
      const from = scriptName(givenFrom)
      return from === undefined ? { kind: 'missing' } : store.rename(owner, from, to)
    },
    async remove(owner, given) {
      const name = scriptName(given)
      return name === undefined ? { kind: 'missing' } : store.remove(owner, name)
    },
    active: (owner) => active.of(owner),
  }
}

function checked(compiled: SieveCompiled): Exclude<ScriptChecked, { kind: 'too-large' }> {
  return compiled.kind === 'refused' ? compiled : { kind: 'good', warnings: compiled.warnings }
}

interface Wanted {
  readonly name: string
  readonly bytes: number
  readonly limits: ScriptLimits
}

/** As the store will say it at `put`. */
function noRoom(entries: readonly ScriptEntry[], { name, bytes, limits }: Wanted): NoRoom | undefined {
  if (bytes > limits.scriptBytes) return { kind: 'too-large', mostBytes: limits.scriptBytes }
  const others = entries.filter((entry) => entry.name !== name)
  if (others.length >= limits.scripts) return { kind: 'too-many', most: limits.scripts }
  const held = others.reduce((sum, entry) => sum + entry.bytes, 0)
  return held + bytes > limits.bytes ? { kind: 'too-much', mostBytes: limits.bytes } : undefined
}

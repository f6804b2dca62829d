import { scriptName } from '../../lib/script-name.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { SieveCompiled, SieveLibraryScript } from '../../ports/sieve.ts'
import type {
  ActiveScript,
  NoRoom,
  ScriptChecked,
  ScriptEntry,
  ScriptLimits,
  ScriptOwner,
  ScriptShelf,
  ScriptStore,
  SieveScripts,
} from '../../ports/sieve-scripts.ts'
import { compileSieve } from './check/compile.ts'
import { language } from './language/table.ts'

export interface ScriptsParts {
  readonly store: ScriptStore
  readonly limits: ScriptLimits
}

/** How many accounts' compiled scripts are kept: some 20 KiB each. */
const mostKept = 500

/** Scripts as people work with them: checked before they are kept, compiled once. */
export function checkedScripts({ store, limits }: ScriptsParts): SieveScripts {
  const kept = new Kept()
  const check = async (owner: ScriptOwner, name: string, text: string): Promise<ScriptChecked> => {
    if (Buffer.byteLength(text) > limits.scriptBytes)
      return { kind: 'too-large', mostBytes: limits.scriptBytes }
    const { library } = await store.shelf(owner)
    return checked(compile({ name, text, owner, library, limits }))
  }
  return {
    list: (owner) => store.entries(owner),
    async get(owner, given) {
      const name = scriptName(given)
      return name === undefined ? undefined : store.text(owner, name)
    },
    check,
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
      const answer = checked(
        compile({ name, text, owner, limits, library: (await store.shelf(owner)).library }),
      )
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
    async active(owner) {
      const { revision, hasActive } = await store.revision(owner)
      if (!hasActive) return { kind: 'none' }
      const known = kept.get(owner, revision)
      if (known) return known
      const made = compiledShelf(owner, await store.shelf(owner), limits)
      if (made.kind !== 'none') kept.put(owner, made)
      return made
    },
  }
}

interface Compiling {
  readonly name: string
  readonly text: string
  readonly owner: ScriptOwner
  readonly library: readonly SieveLibraryScript[]
  readonly limits: ScriptLimits
}

/** The script itself stands in its own library as it will be: who includes himself is told at once. RFC 6609 §3.2. */
function compile({ name, text, owner, library, limits }: Compiling): SieveCompiled {
  const location = owner === 'server' ? 'global' : 'personal'
  const others = library.filter((script) => script.location !== location || script.name !== name)
  return compileSieve(
    {
      name,
      text,
      library: [...others, { location, name, text }],
      limits: { scriptBytes: limits.scriptBytes },
    },
    language,
  )
}

function checked(compiled: SieveCompiled): Exclude<ScriptChecked, { kind: 'too-large' }> {
  if (compiled.kind === 'refused') return compiled
  return { kind: 'good', script: compiled.script, warnings: compiled.warnings }
}

function compiledShelf(
  owner: ScriptOwner,
  { revision, active, library }: ScriptShelf,
  limits: ScriptLimits,
): ActiveScript {
  if (!active) return { kind: 'none' }
  const { name, text } = active
  const compiled = compile({ name, text, owner, library, limits })
  if (compiled.kind === 'refused') return { kind: 'broken', name, revision, errors: compiled.errors }
  return { kind: 'script', name, revision, script: compiled.script, warnings: compiled.warnings }
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

type KeptScript = Exclude<ActiveScript, { kind: 'none' }>

/** The scripts last asked for; one whose revision has passed is made anew. */
class Kept {
  readonly #scripts = new Map<AccountId, KeptScript>()

  get(owner: AccountId, revision: number): KeptScript | undefined {
    const known = this.#scripts.get(owner)
    if (known?.revision !== revision) return undefined
    // To the end: the first is who was not asked for longest.
    this.#scripts.delete(owner)
    this.#scripts.set(owner, known)
    return known
  }

  put(owner: AccountId, script: KeptScript): void {
    this.#scripts.delete(owner)
    this.#scripts.set(owner, script)
    if (this.#scripts.size <= mostKept) return
    for (const [oldest] of this.#scripts) {
      this.#scripts.delete(oldest)
      return
    }
  }
}

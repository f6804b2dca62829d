import type { Address } from '../../lib/address.ts'
import { nextTurn } from '../../platform/next-turn.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import type { SieveProblem } from '../../ports/sieve.ts'
import type { ScriptOwner, SieveScripts } from '../../ports/sieve-scripts.ts'
import type { Finding, ScriptFile } from './installation.ts'

export interface ScriptPlan {
  readonly put: readonly ScriptFile[]
  /** Those of `put` that take another one's place. */
  readonly modified: number
  readonly unchanged: number
  readonly activate: readonly ScriptFile[]
  readonly findings: readonly Finding[]
}

interface Here {
  readonly scripts: Pick<SieveScripts, 'check' | 'get' | 'list'>
  /** Of those who are here already. */
  readonly accounts: ReadonlyMap<Address, AccountId>
}

/** What has to change so that people have the scripts they have in Mailu. What is only here stays. */
export async function planScripts(
  files: readonly ScriptFile[],
  { scripts, accounts }: Here,
  { update }: { readonly update: boolean },
): Promise<ScriptPlan> {
  const plan = new Draft(update)
  for (const file of files) {
    // Others have their turn between two that are compiled.
    await nextTurn()
    const account = accounts.get(file.user)
    // Who is new has nothing to include; his other scripts are checked when they are put.
    const owner: ScriptOwner = account ?? 'server'
    const checked = await scripts.check(owner, file.name, file.text)
    const there = account === undefined ? undefined : await scripts.get(account, file.name)
    const isActive = account === undefined ? undefined : await activeOf(scripts, account)
    if (checked.kind === 'refused') plan.leaveOut(file, worded(checked.errors))
    else if (checked.kind === 'too-large') plan.leaveOut(file, 'it is too large')
    else plan.take(file, { text: there, active: isActive })
  }
  return plan
}

async function activeOf(scripts: Here['scripts'], account: AccountId): Promise<string | undefined> {
  return (await scripts.list(account)).find(({ active }) => active)?.name
}

class Draft implements ScriptPlan {
  readonly put: ScriptFile[] = []
  readonly activate: ScriptFile[] = []
  readonly findings: Finding[] = []
  modified = 0
  unchanged = 0
  readonly #updates: boolean

  constructor(updates: boolean) {
    this.#updates = updates
  }

  leaveOut(file: ScriptFile, text: string): void {
    this.findings.push(refusedScript(file, text))
  }

  take(
    file: ScriptFile,
    there: { readonly text: string | undefined; readonly active: string | undefined },
  ): void {
    const isOther = there.text !== undefined && there.text !== file.text
    if (isOther && !this.#updates) this.#differs(file, 'another text')
    else if (there.text === file.text) this.unchanged++
    else {
      this.put.push(file)
      if (isOther) this.modified++
    }
    if (!file.active || there.active === file.name) return
    // Who is here already may have switched it off.
    const isNew = there.text === undefined && there.active === undefined
    if (isNew || this.#updates) this.activate.push(file)
    else this.#differs(file, `here ${there.active ?? 'none'} is active`)
  }

  #differs({ user, name }: ScriptFile, text: string): void {
    this.findings.push({ what: 'different here', on: `script ${name} of ${user}`, text })
  }
}

interface Putting {
  readonly scripts: Pick<SieveScripts, 'put' | 'activate'>
  readonly reader: Pick<DirectoryReader, 'user'>
}

/** Scripts stand beside the directory: one that is refused stops no other. */
export async function putScripts(
  { scripts, reader }: Putting,
  { put, activate }: ScriptPlan,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const eachOf = async (
    files: readonly ScriptFile[],
    act: (owner: AccountId, file: ScriptFile) => Promise<string>,
  ) => {
    for (const file of files) {
      await nextTurn()
      const owner = (await reader.user(file.user))?.account
      const trouble = owner === undefined ? 'its owner is gone' : await act(owner, file)
      if (trouble !== '') findings.push(refusedScript(file, trouble))
    }
  }
  await eachOf(put, async (owner, { name, text }) => {
    const answer = await scripts.put(owner, name, text)
    switch (answer.kind) {
      case 'stored':
        return ''
      case 'refused':
        return worded(answer.errors)
      case 'later':
        return `${answer.text} Import once more.`
      case 'no-account':
        return 'the mailbox is not made yet. Import once more.'
      case 'bad-name':
        return 'its name cannot be kept'
      case 'too-large':
      case 'too-much':
        return `more than ${answer.mostBytes} octets`
      case 'too-many':
        return `more than ${answer.most} scripts`
    }
  })
  await eachOf(activate, async (owner, { name }) => {
    const answer = await scripts.activate(owner, name)
    switch (answer.kind) {
      case 'active':
      // It was not put, which was told.
      case 'missing':
        return ''
      case 'refused':
        return `not active: ${worded(answer.errors)}`
      case 'later':
        return `not active: ${answer.text} Import once more.`
    }
  })
  return findings
}

const refusedScript = ({ user, name, active }: ScriptFile, text: string): Finding => ({
  what: 'script refused',
  on: `${active ? 'active script' : 'script'} ${name} of ${user}`,
  text,
})

function worded(errors: readonly SieveProblem[]): string {
  const [first] = errors
  if (!first) return 'it has mistakes'
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : ''
  return `line ${first.line}: ${first.message}${more}`
}

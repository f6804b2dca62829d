import type { Address, DomainName } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type {
  Applied,
  Change,
  DirectoryWriter,
  NotApplied,
  Refusal,
} from '../../../ports/directory-writer.ts'
import type { DkimKeys } from '../../../ports/dkim-keys.ts'
import type { MailAccounts } from '../../../ports/mail-accounts.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import type { Repository } from '../directory/repository.ts'
import type { Snapshot } from '../directory/snapshot.ts'
import { isTaken, orLater } from '../directory/trouble.ts'
import { without } from '../directory/without.ts'
import type { Secrets } from '../secrets.ts'
import type { PasswordHasher } from '../sign-in/hasher.ts'
import { applyChange, nameOfChange, type Outcome, type ReadyChange, readyChange, type Step } from './apply.ts'
import { inUse } from './refusals.ts'
import { isRefusal, type Parts } from './rules.ts'
import { touchedBy } from './touched.ts'

export interface WriterNeeds {
  readonly directory: Directory
  readonly hasher: PasswordHasher
  readonly secrets: Secrets
  readonly mailAccounts: MailAccounts
  readonly dkimKeys: Pick<DkimKeys, 'remove'>
  readonly standard: Parts['standard']
  /** WELCOME: tells whoever writes the letters; undefined where nobody is welcomed. */
  readonly welcome: (() => void) | undefined
}

type How = Parameters<DirectoryWriter['apply']>[1]

export function createDirectoryWriter(needs: WriterNeeds): DirectoryWriter {
  const apply = (changes: readonly Change[], how: How) => orLater(() => applyAll(needs, changes, how))
  const one = (change: Change, actor: string) => apply([change], { actor })
  return {
    apply,
    add: async (on, row, actor) => {
      const outcome = await one({ on, do: 'add', row } as Change, actor)
      if (outcome.kind !== 'applied') return onlyRefusal(outcome)
      const [{ account, id, secret } = {}] = outcome.steps
      return {
        kind: 'added',
        ...(account !== undefined && { account }),
        ...(id !== undefined && { id }),
        ...(secret !== undefined && { secret }),
      }
    },
    set: async (on, key, to, actor) => changed(await one({ on, do: 'set', key, to } as Change, actor)),
    record: (done, actor) =>
      orLater(async () => {
        await needs.directory.writeQuietly((rows) => rows.writeAudit([{ ...done, actor, at: rows.now() }]))
        return { kind: 'recorded' }
      }),
    delete: async (on, key, actor) => changed(await one({ on, do: 'delete', key } as Change, actor)),
  }
}

/** Of many changes: the passwords of a long table are not to fill the queue in which people wait to be let in. */
const hashesAtOnce = 4

type AllOutcome = Applied | NotApplied | TryLater

function changed(outcome: AllOutcome) {
  if (outcome.kind === 'applied') return { kind: 'changed' } as const
  if (outcome.kind === 'later') return outcome
  return outcome.refusals[0]?.outcome ?? nothingSaid()
}

function onlyRefusal(outcome: NotApplied | TryLater): Refusal | TryLater {
  if (outcome.kind === 'later') return outcome
  const refused = outcome.refusals[0]?.outcome
  return refused?.kind === 'refused' ? refused : nothingSaid()
}

function nothingSaid(): never {
  throw new Error('a change was not made, and nobody said why')
}

/** Thrown inside a transaction to undo it, caught around it. */
class Undo extends Error {
  readonly outcomes: readonly Outcome[]
  constructor(outcomes: readonly Outcome[]) {
    super('undone')
    this.outcomes = outcomes
  }
}

async function applyAll(
  needs: WriterNeeds,
  changes: readonly Change[],
  how: How,
): Promise<Applied | NotApplied> {
  const parts = partsOf(needs, await needs.directory.snapshot(), how)
  const ready: (ReadyChange | Refusal)[] = []
  for (let at = 0; at < changes.length; at += hashesAtOnce) {
    const some = changes.slice(at, at + hashesAtOnce)
    ready.push(...(await Promise.all(some.map((change) => readyChange(parts, change)))))
  }
  const outcomes = await transact(needs, parts, ready, how)
  const steps = outcomes.filter((outcome) => 'did' in outcome)
  if (steps.length < outcomes.length) return { kind: 'not-applied', refusals: refusalsOf(changes, outcomes) }
  if (how.dryRun !== true) await afterwards(needs, steps)
  return { kind: 'applied', steps: steps.map((step) => without(step, 'row')) }
}

function partsOf({ hasher, secrets, standard }: WriterNeeds, { users }: Snapshot, { dryRun }: How): Parts {
  const oldHash = (address: unknown) => users.get(address as Address)?.passwordHash
  return { hasher, secrets, standard, oldHash, dryRun: dryRun === true }
}

/** One outcome for each change. Where one is no step, or in a dry run, nothing is kept. */
async function transact(
  { directory, welcome }: WriterNeeds,
  parts: Parts,
  ready: readonly (ReadyChange | Refusal)[],
  { actor, dryRun, overLimits }: How,
): Promise<readonly Outcome[]> {
  try {
    return await directory.write(async (rows) => {
      const outcomes: Outcome[] = []
      // Who was somewhere else before, an import brings: he is not new.
      const welcomes = welcome !== undefined && overLimits !== true
      const tx = { rows, overLimits: overLimits === true, welcomes }
      for (const change of ready) {
        outcomes.push(isRefusal(change) ? change : await tried(applyChange(parts, tx, change), outcomes))
      }
      if (dryRun === true || outcomes.some((outcome) => !('did' in outcome))) throw new Undo(outcomes)
      await audit(rows, actor, outcomes)
      return outcomes
    }, touchedBy)
  } catch (error) {
    if (error instanceof Undo) return error.outcomes
    throw error
  }
}

/** Somebody outside took the name meanwhile: what comes after cannot be asked any more. */
async function tried(outcome: Promise<Outcome>, before: readonly Outcome[]): Promise<Outcome> {
  try {
    return await outcome
  } catch (error) {
    if (isTaken(error)) throw new Undo([...before, inUse('That name')])
    throw error
  }
}

function refusalsOf(changes: readonly Change[], outcomes: readonly Outcome[]): NotApplied['refusals'] {
  return outcomes.flatMap((outcome, at) => {
    const change = changes[at]
    if ('did' in outcome || !change) return []
    return [{ at, on: change.on, key: nameOfChange(change), outcome }]
  })
}

async function audit(rows: Repository, actor: string, outcomes: readonly Outcome[]): Promise<void> {
  const at = rows.now()
  const entries = outcomes.flatMap((outcome) =>
    'did' in outcome && outcome.did !== 'unchanged'
      ? [{ at, actor, on: outcome.on, key: outcome.key, did: outcome.did, columns: outcome.columns }]
      : [],
  )
  if (entries.length > 0) await rows.writeAudit(entries)
}

/** What others keep of the directory. Told after the commit; the mail store is told again at every start. */
async function afterwards(needs: WriterNeeds, steps: readonly Step[]): Promise<void> {
  const told = steps.filter(
    ({ on, did, columns }) =>
      on === 'user' && (did === 'created' || columns.some(({ column }) => column === 'quotaBytes')),
  )
  await Promise.all(
    told.map(({ row }) =>
      needs.mailAccounts.putAccount(row['account'] as AccountId, { quotaBytes: row['quotaBytes'] as number }),
    ),
  )
  if (steps.some(({ on, did }) => on === 'user' && did === 'created')) needs.welcome?.()
  const deleted = steps.filter(({ did, on }) => did === 'deleted' && (on === 'user' || on === 'domain'))
  if (deleted.length === 0) return
  const { domains } = await needs.directory.snapshot()
  for (const { on, row } of deleted) {
    const name = row['name'] as DomainName
    if (on === 'domain' && !domains.has(name)) await needs.dkimKeys.remove(name)
  }
  await sweepDeleted(needs)
}

/** Tells the mail store whose mail may go; asked again at the next start where it could not hear it. */
export async function sweepDeleted({
  directory,
  mailAccounts,
}: Pick<WriterNeeds, 'directory' | 'mailAccounts'>): Promise<void> {
  for (const account of await directory.repository.unsweptAccounts()) {
    await mailAccounts.removeAccount(account)
    await directory.writeQuietly((rows) => rows.markSwept(account))
  }
}

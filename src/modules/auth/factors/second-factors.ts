import type { AccountId } from '../../../ports/accounts.ts'
import type { FactorRow, SecondFactors } from '../../../ports/second-factors.ts'
import type { Directory } from '../directory/directory.ts'
import type { Repository } from '../directory/repository.ts'
import type { User } from '../directory/rows.ts'
import { orLater } from '../directory/trouble.ts'
import type { Secrets } from '../secrets.ts'
import { type CodeNeeds, createCodeCheck } from './code-check.ts'
import { isCodeSecret, newCodeSecret, stepOf } from './code-generator.ts'
import {
  addFactor,
  type Factor,
  newFactorId,
  noteFactor,
  readFactors,
  recoveryCodesLeft,
  removeFactors,
  replaceRecoveryCodes,
} from './factor-rows.ts'

interface FactorNeeds extends CodeNeeds {
  readonly secrets: Pick<Secrets, 'seal' | 'unseal'>
  /** SITENAME: whose code it is, in the list of a code generator. */
  readonly issuer: string
}

export function createSecondFactors(needs: FactorNeeds): SecondFactors {
  const { directory, secrets, issuer, clock } = needs
  const db = () => directory.repository.db

  return {
    list: async (account) => {
      const rows = await readFactors(db(), account)
      const codes = rows.find(({ kind }) => kind === 'codes')
      return {
        codes: codes && factorRow(codes),
        passkeys: rows.filter(({ kind }) => kind === 'passkey').map(factorRow),
        recoveryCodesLeft: await recoveryCodesLeft(db(), account),
      }
    },

    newSecret: (address) => newCodeSecret(address, issuer),

    turnOnCodes: (account, { secret, code }) =>
      orLater(async () => {
        const step = isCodeSecret(secret) ? await stepOf(secret, code, clock.now()) : undefined
        if (step === undefined) return { kind: 'wrong-code' } as const
        const sealed = secrets.seal(secret)
        return directory.writeFor(account, async (rows) => {
          const before = await readFactors(rows.db, account)
          if (before.some(({ kind }) => kind === 'codes')) return { kind: 'exists' } as const
          const row = { id: newFactorId(), account, kind: 'codes', name: '', secret: sealed } as const
          const factor = { ...row, counter: step, createdAt: rows.now() }
          const recoveryCodes = await addFactor(rows, factor, before.length === 0)
          await note(directory, rows, { account, to: 'code generator' })
          return { kind: 'on', recoveryCodes } as const
        })
      }),

    newRecoveryCodes: (account) =>
      orLater(() =>
        directory.writeFor(account, async (rows) => {
          if ((await readFactors(rows.db, account)).length === 0) return { kind: 'missing' } as const
          await note(directory, rows, { account, to: 'new recovery codes' })
          return { kind: 'made', recoveryCodes: await replaceRecoveryCodes(rows.db, account) } as const
        }),
      ),

    remove: (account, id) => orLater(() => removeSome(directory, account, (factor) => factor.id === id)),
    removeAll: (account, actor) => orLater(() => removeSome(directory, account, () => true, actor)),
    check: createCodeCheck(needs),
  }
}

const factorRow = ({ id, name, createdAt, lastUsedAt }: Factor): FactorRow => {
  return { id, name, createdAt, lastUsedAt: lastUsedAt ?? undefined }
}

async function removeSome(
  directory: Directory,
  account: AccountId,
  isGoing: (factor: Factor) => boolean,
  actor?: string,
): Promise<{ readonly kind: 'removed' | 'missing' }> {
  return directory.writeFor(account, async (rows) => {
    const all = await readFactors(rows.db, account)
    const going = all.filter(isGoing)
    if (going.length === 0) return { kind: 'missing' }
    await removeFactors(rows, going, all.length - going.length)
    const from = going.map(({ kind, name }) => (kind === 'codes' ? 'code generator' : `passkey ${name}`))
    await note(directory, rows, { account, from: from.join(', '), actor })
    return { kind: 'removed' }
  })
}

interface Note {
  readonly account: AccountId
  readonly from?: string
  readonly to?: string
  /** Undefined: the person himself. */
  readonly actor?: string | undefined
}

/** Into the audit. */
async function note(
  directory: Directory,
  rows: Repository,
  { account, from, to, actor }: Note,
): Promise<void> {
  const user: User | undefined = (await directory.snapshot()).byAccount.get(account)
  const address = user?.address ?? ''
  await noteFactor(rows, { address, actor: actor ?? address, ...(from && { from }), ...(to && { to }) })
}

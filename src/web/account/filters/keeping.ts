import type { Context } from 'hono'
import type { AccountId } from '../../../ports/accounts.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { ColumnChange } from '../../../ports/directory-rows.ts'
import type { SieveProblem } from '../../../ports/sieve.ts'
import type { SieveScripts } from '../../../ports/sieve-scripts.ts'
import type { Frame } from '../../site/page.ts'
import { type Env, later } from '../../site/visit.ts'
import type { AccountMail } from '../mail-parts.ts'
import { here } from '../settings-page.ts'
import { type Edited, editor, editPath } from './editor.ts'

export interface FilterParts extends AccountMail {
  readonly admin: Pick<DirectoryAdmin, 'record'>
}

type Put = Awaited<ReturnType<SieveScripts['put']>>

/** Keeps a script, and makes it the active one where that was asked; with mistakes nothing is kept. */
export async function keepScript(
  c: Context<Env>,
  { scripts, admin }: Pick<FilterParts, 'scripts' | 'admin'>,
  asked: Edited & { readonly activate: boolean },
) {
  const { frame } = c.var
  const { account } = here(c)
  const { name, text, isNew, activate } = asked
  const isThere = (await scripts.list(account)).some((entry) => entry.name === name)
  if (isNew && isThere) return refused(c, asked, { nameMistake: frame.t('filters.exists') })
  const put = await scripts.put(account, name, text)
  if (put.kind === 'later') return later(c)
  if (put.kind !== 'stored') return refused(c, asked, whyNot(frame, put))
  await record(c, admin, name, { did: isThere ? 'modified' : 'created' })
  if (activate && (await activated(c, { scripts, admin }, account, name)) === 'later') return later(c)
  if (put.warnings.length === 0) return c.redirect(`${editPath(name)}&saved`, 303)
  const said = frame.t('form.saved')
  return c.html(editor(frame, { name, text, isNew: false, said, warnings: put.warnings }))
}

/** It compiled a moment ago: where it is gone meanwhile, its owner sees that in the list. */
async function activated(
  c: Context<Env>,
  { scripts, admin }: Pick<FilterParts, 'scripts' | 'admin'>,
  account: AccountId,
  name: string,
): Promise<'later' | 'done'> {
  const done = await scripts.activate(account, name)
  if (done.kind === 'later') return 'later'
  if (done.kind === 'active')
    await record(c, admin, name, { did: 'modified', column: 'active', from: false, to: true })
  return 'done'
}

interface WhyNot {
  readonly mistake?: string
  readonly nameMistake?: string
  readonly errors?: readonly SieveProblem[]
  readonly warnings?: readonly SieveProblem[]
}

const refused = (c: Context<Env>, asked: Edited, why: WhyNot) =>
  c.html(editor(c.var.frame, { ...asked, ...why }), 422)

function whyNot({ t }: Frame, put: Exclude<Put, { kind: 'stored' } | { kind: 'later' }>): WhyNot {
  switch (put.kind) {
    case 'refused':
      return { mistake: t('filters.not-saved'), errors: put.errors, warnings: put.warnings }
    case 'bad-name':
      return { nameMistake: t('filters.bad-name') }
    case 'too-large':
      return { mistake: t('filters.too-large', { count: put.mostBytes }) }
    case 'too-many':
      return { mistake: t('filters.too-many', { count: put.most }) }
    case 'too-much':
      return { mistake: t('filters.too-much', { count: put.mostBytes }) }
    case 'no-account':
      return { mistake: t('filters.no-account') }
  }
}

interface Done {
  readonly did: 'created' | 'modified' | 'deleted'
  readonly column?: string
  readonly from?: unknown
  readonly to?: unknown
}

/** In the audit, as everything that is changed. */
export async function record(
  c: Context<Env>,
  admin: Pick<DirectoryAdmin, 'record'>,
  name: string,
  { did, column, from, to }: Done,
): Promise<void> {
  const { address } = here(c)
  const columns: readonly ColumnChange[] = column === undefined ? [] : [{ column, from, to }]
  await admin.record({ on: 'script', key: `${address} ${name}`, did, columns }, address)
}

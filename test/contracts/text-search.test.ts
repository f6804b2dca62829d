import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { needleOf } from '../../src/lib/search/fold.ts'
import type { MailboxId } from '../../src/ports/mail-store.ts'
import type { TextSearch, WantedText } from '../../src/ports/text-search.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, appendTo, mail, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const bob = account(2)

let at: TestStore
let inbox: MailboxId
beforeEach(async () => {
  at = await startStore({ textIndex: { documents: false } })
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  await at.accounts.putAccount(bob, { quotaBytes: 0 })
  inbox = (await at.store.mailbox(ann, 'INBOX'))?.id ?? 0
})
afterEach(async () => {
  await at.end()
})

const append = (...texts: string[]) => appendTo(at, ann, 'INBOX', ...texts)

describe.each(bothWays)('searching texts, %s', (_, way) => {
  let search: TextSearch
  beforeEach(() => {
    search = way(at.search)
  })
  const find = async (text: string, where: WantedText['where'] = 'body', owner = ann) =>
    await search.find(owner, inbox, { where, needle: needleOf(text) })

  test('before anything is indexed nothing is known', async () => {
    await append(mail({ body: 'invoice' }))
    expect(await find('invoice')).toEqual({ kind: 'unknown' })
  })

  test('a piece of a word is found for sure, in what is indexed', async () => {
    await append(mail({ body: 'Your invoices are late\r\n' }), mail({ body: 'Nothing of that kind\r\n' }))
    await at.searchCare.catchUp()
    expect(await find('voice')).toEqual({ kind: 'found', sure: [1], open: [] })
    expect(await find('INVOICE')).toEqual({ kind: 'found', sure: [1], open: [] })
    expect(await find('voicemail')).toEqual({ kind: 'found', sure: [], open: [] })
  })

  test('what came since is left to be read', async () => {
    await append(mail({ body: 'one' }))
    await at.searchCare.catchUp()
    await append(mail({ body: 'two' }), mail({ body: 'three' }))
    expect(await find('one')).toEqual({ kind: 'found', sure: [1], open: [2, 3] })
    await at.searchCare.catchUp()
    expect(await find('one')).toEqual({ kind: 'found', sure: [1], open: [] })
  })

  test('several words only say who may hold them', async () => {
    await append(mail({ body: 'annual report' }), mail({ body: 'report, annual' }), mail({ body: 'annual' }))
    await at.searchCare.catchUp()
    expect(await find('annual report')).toEqual({ kind: 'found', sure: [], open: [1, 2] })
  })

  test('the header is no part of the body, but of the whole', async () => {
    await append(mail({ subject: 'Holiday', body: 'work' }))
    await at.searchCare.catchUp()
    expect(await find('holiday', 'body')).toEqual({ kind: 'found', sure: [], open: [] })
    expect(await find('holiday', 'text')).toEqual({ kind: 'found', sure: [1], open: [] })
    expect(await find('holiday', 'header')).toEqual({ kind: 'found', sure: [], open: [1] })
    expect(await find('work', 'text')).toEqual({ kind: 'found', sure: [1], open: [] })
  })

  test('a copy is found where it is, and nowhere else', async () => {
    await append(mail({ body: 'contract' }), mail({ body: 'other' }))
    await at.searchCare.catchUp()
    const trash = await at.store.mailbox(ann, 'Trash')
    await at.store.move(ann, inbox, [1], trash?.id ?? 0)
    expect(await find('contract')).toEqual({ kind: 'found', sure: [], open: [] })
    const wanted = { where: 'body', needle: needleOf('contract') } as const
    expect(await search.find(ann, trash?.id ?? 0, wanted)).toEqual({ kind: 'found', sure: [1], open: [] })
  })

  test('nothing is told of a mailbox of somebody else', async () => {
    await append(mail({ body: 'secret' }))
    await appendTo(at, bob, 'INBOX', mail({ body: 'secret' }))
    await at.searchCare.catchUp()
    expect(await find('secret', 'body', bob)).toEqual({ kind: 'unknown' })
  })

  test('signs and blanks that no word has leave everything to be read', async () => {
    await append(mail({ body: 'a b' }))
    await at.searchCare.catchUp()
    expect(await find(' ')).toEqual({ kind: 'unknown' })
  })
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { address } from '../../../../test/support/auth.ts'
import { appendTo, mail } from '../../../../test/support/store.ts'
import { startWeb } from '../../../../test/support/web.ts'
import { webMail } from '../../../../test/support/web-mail.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import { everythingOf } from './everything.ts'

async function stage() {
  const web = await startWeb()
  onTestFinished(() => web.end())
  const accountOf = async (who: string) => (await web.auth.admin.user(address(who)))?.account as AccountId
  const [ann, bob] = [await accountOf('ann@example.com'), await accountOf('bob@example.com')]
  const browser = web.browser()
  await browser.signIn()
  return { web, browser, ann, bob }
}

test('everything that is mine is in a file that tar reads, and nothing of others', async () => {
  const { web, browser, ann, bob } = await stage()
  const long = `Größe/${'x'.repeat(120)}/..`
  await web.mail.store.createMailbox(ann, long)
  const deep = await web.mail.store.mailbox(ann, long)
  const large = mail({ subject: 'Large', body: `${'0123456789'.repeat(250_000)}\r\n` })
  await appendTo(web.mail, ann, 'INBOX', mail({ subject: 'Mine' }), large)
  await appendTo(web.mail, ann, long, mail({ subject: 'Deep' }))
  await appendTo(web.mail, bob, 'INBOX', mail({ subject: 'Of Bob' }))
  await browser.post('/account/filters/edit', { new: 'yes', name: '../Ads', text: 'keep;' })
  await web.auth.admin.add('token', { user: address('bob@example.com'), comment: 'Bobs phone' }, 'test')
  const answer = await browser.post('/account/export')
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="ann@example.com.tar"')
  const folder = mkdtempSync(join(tmpdir(), 'homepost-export-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'all.tar'), Buffer.from(await answer.arrayBuffer()))
  execFileSync('tar', ['-xf', 'all.tar'], { cwd: folder })
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.\w+$/.test(name),
  )
  expect(files.toSorted()).toEqual(
    [
      'all.tar',
      'filters/__Ads-1.sieve',
      'mail/INBOX/1.eml',
      'mail/INBOX/2.eml',
      `mail/Größe/${'x'.repeat(120)}/_-${deep?.id}/1.eml`,
      'settings.json',
    ].toSorted(),
  )
  expect(readFileSync(join(folder, 'mail/INBOX/2.eml'), 'latin1')).toBe(large)
  expect(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))).toMatchObject({
    user: { address: 'ann@example.com', displayedName: 'Ann' },
    appPasswords: [],
  })
})

test('one export at a time, and not again at once', async () => {
  const { browser } = await stage()
  const first = await browser.post('/account/export')
  expect((await browser.post('/account/export')).status).toBe(429)
  await first.arrayBuffer()
  expect((await browser.post('/account/export')).status).toBe(429)
})

test('who reads slowly costs a few pieces, not his mailbox', async () => {
  const { web, ann } = await stage()
  const text = mail({ body: `${'x'.repeat(100_000)}\r\n` })
  await appendTo(web.mail, ann, 'INBOX', ...Array<string>(50).fill(text))
  const { scripts, store } = webMail(web.mail, web.auth.accounts)
  let reads = 0
  const counted: typeof store = {
    decisions: (...asked) => store.decisions(...asked),
    mailboxes: (...asked) => store.mailboxes(...asked),
    image: (...asked) => store.image(...asked),
    rows: (...asked) => store.rows(...asked),
    bytes: (...asked) => {
      reads++
      return store.bytes(...asked)
    },
  }
  const user = await web.auth.admin.user(address('ann@example.com'))
  if (!user) throw new Error('Ann is gone')
  const pieces = everythingOf({ admin: web.auth.admin, scripts, store: counted }, user, 0)
  // Three of the settings, three of each message.
  for (let read = 0; read < 9; read++) await pieces.next()
  expect(reads).toBe(2)
  await pieces.return(undefined)
})

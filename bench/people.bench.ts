import { setTimeout } from 'node:timers/promises'
import type { LoginAttempt } from '../src/ports/credentials.ts'
import { address, addUsers, newUser, silentUser } from '../test/support/auth.ts'
import { type Browser, startWeb, type TestWeb } from '../test/support/web.ts'
import { readOptions } from './measure/options.ts'
import { createReport, type Report } from './measure/report.ts'
import { spreadOf } from './measure/statistics.ts'

const people = 10_000
const times = 20
const tableRows = 1_000
/** Signed in one after the other. */
const programs = 4_000
const admin = 'ann@example.com'

/** What ten thousand people cost whoever looks after them, and everybody else meanwhile. No sockets, no peer. */
export async function run(args: readonly string[]): Promise<void> {
  const report = createReport('people', readOptions(args).json)
  report.heading(`people: ${people} of them`)
  const at = await startWeb()
  try {
    await addUsers(at.auth.admin, manyPeople())
    await at.auth.admin.set('user', address(admin), { globalAdmin: true }, 'bench')
    const browser = await at.signedIn(admin)
    await afterChanges(at, browser, report)
    await besideTables(at, browser, report)
  } finally {
    await at.end()
  }
}

const manyPeople = () => Array.from({ length: people }, (_, n) => silentUser(`user${n}@example.com`))

async function afterChanges({ auth }: TestWeb, browser: Browser, report: Report): Promise<void> {
  const page = () => pageOfUsers(browser)
  const look = () => auth.addresses.resolve(address('user77@example.com'))
  const changed = async (turn: number) => {
    await auth.admin.set(
      'user',
      address(`user${turn}@example.com`),
      { comment: `${performance.now()}` },
      'bench',
    )
  }
  await page()
  const rows = [
    ['a page of users', page, async () => undefined],
    ['the first after a change', page, changed],
    ['the first look-up after a change', look, changed],
  ] as const
  for (const [name, act, before] of rows) {
    const took: number[] = []
    for (let turn = 0; turn < times; turn++) {
      await before(turn)
      took.push(await msOf(act))
    }
    report.figure(name, 'ms', spreadOf(took), 'below 30')
  }
}

async function pageOfUsers(browser: Browser): Promise<void> {
  const answer = await browser.get('/admin/user')
  await answer.text()
  if (answer.status !== 200) throw new Error(`the page answered ${answer.status}`)
}

async function msOf(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await act()
  return performance.now() - from
}

/** A table of users comes in while others sign in and look at pages: hashing first, then one transaction. */
async function besideTables(at: TestWeb, browser: Browser, report: Report): Promise<void> {
  const { auth } = at
  // Of one hash, which costs each of them as much as his own would.
  const passwordHash = (await auth.secrets.passwords()).get(address('bob@example.com')) ?? ''
  await addUsers(
    auth.admin,
    Array.from({ length: programs }, (_, n) => silentUser(`program${n}@example.com`, { passwordHash })),
  )
  let turn = 0
  const signIn = () => auth.credentials.verify(programSignIn(turn++))
  const acts = [
    ['a first sign-in by IMAP', signIn],
    ['somebody signs in on a page', () => at.signedIn('bob@example.com')],
    ['a page of users', () => pageOfUsers(browser)],
  ] as const
  const tables = [
    ['beside nothing', () => setTimeout(3_000)],
    [
      `while ${tableRows} come with passwords`,
      () =>
        addUsers(
          auth.admin,
          table((n) => newUser(`p${n}@example.com`)),
        ),
    ],
    [
      `while ${tableRows} come with hashes`,
      () =>
        addUsers(
          auth.admin,
          table((n) => silentUser(`h${n}@example.com`)),
        ),
    ],
  ] as const
  for (const [when, begin] of tables) {
    let isOver = false
    const over = begin().then(() => {
      isOver = true
    })
    const took = acts.map((): number[] => [])
    while (!isOver) for (const [nth, [, act]] of acts.entries()) took[nth]?.push(await msOf(act))
    await over
    for (const [nth, [what]] of acts.entries())
      report.figure(`${what}, ${when}`, 'ms', spreadOf(took[nth] ?? []))
  }
}

const table = (row: (n: number) => ReturnType<typeof newUser>) =>
  Array.from({ length: tableRows }, (_, n) => row(n))

/** Somebody whose password was not checked yet: it is hashed, and stored as it is today. */
const programSignIn = (turn: number): LoginAttempt => ({
  login: `program${turn % programs}@example.com`,
  password: 'correct horse',
  service: 'imap',
  ip: `192.0.2.${turn % 250}`,
  connection: `b-${turn}`,
})

import { address, addUsers, silentUser } from '../test/support/auth.ts'
import { type Browser, startWeb, type TestWeb } from '../test/support/web.ts'
import { readOptions } from './measure/options.ts'
import { createReport, type Report } from './measure/report.ts'
import { spreadOf } from './measure/statistics.ts'

const people = 10_000
const times = 20
const admin = 'ann@example.com'

/** What ten thousand people cost whoever looks after them, and everybody else meanwhile. No sockets, no peer. */
export async function run(args: readonly string[]): Promise<void> {
  const report = createReport('people', readOptions(args).json)
  report.heading(`people: ${people} of them`)
  const at = await startWeb()
  try {
    await addUsers(at.auth.admin, manyPeople())
    await at.auth.admin.set('user', address(admin), { globalAdmin: true }, 'bench')
    await afterChanges(at, await at.signedIn(admin), report)
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

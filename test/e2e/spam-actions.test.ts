import { expect, onTestFinished, test } from 'vitest'
import { open } from './front-kit.ts'
import { asAnn, inbox, type SendingStage, startSending } from './outgoing-kit.ts'

/** An internet where `far.test` names the servers it sends from, and `example.test`, which is ours, its own. */
const start = (env: Readonly<Record<string, string>> = {}): Promise<SendingStage> =>
  startSending({
    env: {
      PROXY_PROTOCOL: '25',
      REAL_IP_FROM: '127.0.0.0/8',
      RELAYNETS: '198.51.100.0/24',
      ...env,
    },
    zones: {
      'example.test': {
        lines: [
          'example.test. 300 MX 10 mail.example.test.',
          'example.test. 300 TXT "v=spf1 ip4:203.0.113.1 -all"',
        ],
      },
      'open.test': { lines: ['open.test. 300 TXT "v=spf1 a +all"'] },
      'club.test': { lines: ['club.test. 300 TXT "v=spf1 ip4:203.0.113.0/24 -all"'] },
    },
  })

interface Brought {
  readonly from: string
  readonly sender?: string
  readonly more?: string
  readonly text?: string
  readonly to?: string
}

/** What a server on the internet hears when it brings a message. */
async function bring(
  at: SendingStage,
  ip: string,
  {
    from,
    sender = 'someone@far.test',
    more = '',
    to = 'bob@example.test',
    text = 'Hello Bob, lunch on Friday?',
  }: Brought,
): Promise<string> {
  const client = await open(at.ports.smtp, `PROXY TCP4 ${ip} 127.0.0.1 4711 25\r\n`)
  onTestFinished(() => void client.stream.destroy())
  await client.line()
  for (const command of ['HELO mx.far.test', `MAIL FROM:<${sender}>`, `RCPT TO:<${to}>`, 'DATA']) {
    const reply = (await client.ask(command)) ?? ''
    if (!/^[23]/.test(reply)) return reply
  }
  const fields = `From: ${from}\r\nTo: ${to}\r\n${more}`
  return (await client.ask(`${fields}\r\n${text}\r\n.`)) ?? ''
}

const honest = `Subject: Lunch\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${process.pid}@far.test>\r\n`
const list = `${honest}List-Id: <talk.club.test>\r\nList-Post: <mailto:talk@club.test>\r\n`
const ann = 'Ann <ann@example.test>'

test('nobody writes in the name of our people, but our people and those whom they name', async () => {
  const at = await start()
  expect(await bring(at, '203.0.113.9', { from: 'Eve <eve@far.test>', more: honest })).toMatch(/^250/)
  expect(await bring(at, '203.0.113.9', { from: ann, more: honest })).toMatch(/^550 5\.7\.1 .*sender of ours/)
  expect(await bring(at, '203.0.113.9', { from: ann, sender: 'ann@example.test', more: honest })).toMatch(
    /^550 5\.7\.1 /,
  )
  // The server that the domain names, a scanner in a network that may relay, a list, and Ann herself.
  expect(await bring(at, '203.0.113.1', { from: ann, sender: 'ann@example.test', more: honest })).toMatch(
    /^250/,
  )
  expect(await bring(at, '198.51.100.4', { from: ann, more: honest })).toMatch(/^250/)
  expect(await bring(at, '203.0.113.9', { from: ann, sender: 'talk@club.test', more: list })).toMatch(/^250/)
  await asAnn(at).sendMail({ from: ann, to: 'bob@example.test', subject: 'Lunch', text: 'On Friday?' })
  expect(await inbox(at, 'bob')).toHaveLength(5)
})

const doubtful = { from: 'A friend <a@far.test>', more: 'Subject: URGENT PLEASE READ NOW\r\n' }

test('who is unknown and looks doubtful has to come again, and history says why', async () => {
  const at = await start()
  expect(await bring(at, '203.0.113.9', doubtful)).toMatch(/^451 4\.7\.1 /)
  expect(await bring(at, '203.0.113.9', doubtful)).toMatch(/^451 4\.7\.1 /)
  // Known is who was heard from before, in the same network.
  expect(await bring(at, '203.0.120.9', { from: 'Eve <eve@far.test>', more: honest })).toMatch(/^250/)
  await expect.poll(() => bring(at, '203.0.121.1', doubtful)).toMatch(/^250/)
  const { stdout } = await at.homepost(['spam', 'history', '--last', '10', '--address', 'bob@example.test'])
  expect(stdout).toMatch(/points, to come again \(451 /)
  expect(stdout).toContain('GREYLIST: is from a sender we do not know')
  expect(stdout).toContain('A friend <a@far.test>: URGENT PLEASE READ NOW')
  expect(stdout).toMatch(/2\.50 MISSING_MID: has no Message-ID/)
  // By the same rules it is the same, and by a lower threshold the doubtful one is in Junk.
  const again = (...more: string[]) => at.homepost(['spam', 'backtest', '--again', ...more])
  expect((await again()).stdout).toMatch(
    /^Of \d messages, in 2 mailboxes, 0 would have gone elsewhere\.\nJudged again: 2\. Not judged again: \d were not accepted/,
  )
  expect((await again('--threshold', '20')).stdout).toMatch(
    /bob@example\.test: into Junk \(\d+ %\): A friend /,
  )
})

test('a domain that lets everybody send for it proves nothing', async () => {
  const at = await start({ GREYLISTING: 'false' })
  await bring(at, '203.0.113.9', { from: 'Eve <eve@open.test>', sender: 'eve@open.test', more: honest })
  const { stdout } = await at.homepost(['spam', 'history', '--last', '1'])
  expect(stdout).toMatch(/4\.00 R_SPF_PLUSALL: is from a domain that lets every computer/)
  expect(stdout).not.toContain('R_SPF_ALLOW')
})

test('where greylisting is off nobody has to come again', async () => {
  const at = await start({ GREYLISTING: 'false' })
  expect(await bring(at, '203.0.113.9', doubtful)).toMatch(/^250/)
})

test('what our own people send is looked at for what nobody may send', async () => {
  const at = await start()
  const to = { from: ann, to: 'bob@example.test', subject: 'Look' }
  const test = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
  await expect(asAnn(at).sendMail({ ...to, text: test })).rejects.toThrow(/550 5\.7\.1 .*GTUBE/)
  const attachments = [{ filename: 'setup.exe', content: 'MZ' }]
  await expect(asAnn(at).sendMail({ ...to, text: 'Hi', attachments })).rejects.toThrow(/55\d/)
  expect(await inbox(at, 'bob')).toEqual([])
})

test('the command line teaches and asks the filter', async () => {
  const at = await start()
  const letter = (kind: string, number: number) =>
    `From: x${number}@far.test\nSubject: ${kind} ${number}\n\nSomething about ${kind}, gr\u00fc\u00dfe, ${number}\n`
  const first = await at.homepost(['spam', 'learn', 'spam', '-'], letter('lottery', 1))
  expect(first.stdout).toBe('Learned as spam.\n')
  await at.homepost(['spam', 'learn', 'ham', '-', '--user', 'ann@example.test'], letter('garden', 1))
  const again = await at.homepost(['spam', 'learn', 'spam', '-'], letter('lottery', 1))
  expect(again.stdout).toMatch(/^Nothing to learn/)
  const { stdout } = await at.homepost(['spam', 'classify', '-'], letter('lottery', 50))
  expect(stdout).toMatch(/2\.50 MISSING_MID: has no Message-ID/)
  expect((await at.homepost(['spam', 'retrain'])).stdout).toMatch(/^The folders of 2 users /)
  await expect
    .poll(async () => (await at.homepost(['spam', 'status'])).stdout, { timeout: 20_000 })
    .toMatch(/^Learned from 1 messages of spam and 1 of ham: \d+ signs\.\n$/)
})

const status = async (at: SendingStage) => (await at.homepost(['spam', 'status'])).stdout

/** Ann writes, and somebody answers from afar: Carl, whoever it was that she has asked. */
async function answerAnn(at: SendingStage, asked: string): Promise<void> {
  const question = '<question-1@example.test>'
  await asAnn(at).sendMail({ from: ann, to: asked, subject: 'Where?', messageId: question })
  const more = honest.replace('Lunch', 'Re: Where?')
  await bring(at, '203.0.113.9', {
    from: 'Carl <carl@club.test>',
    sender: 'carl@club.test',
    to: 'ann@example.test',
    more: `${more}In-Reply-To: ${question}\r\n`,
  })
}

test('what acquaintances write the filter learns by itself, and can forget again', {
  timeout: 60_000,
}, async () => {
  const at = await start()
  await expect
    .poll(
      async () => {
        await answerAnn(at, 'carl@club.test')
        return status(at)
      },
      { timeout: 20_000 },
    )
    .toMatch(/^Learned from 0 messages of spam and 1 of ham, 0 and 1 of them by itself: \d+ signs\.\n$/)
  expect((await at.homepost(['spam', 'unlearn'])).stdout).toBe('Taken back: 1 lessons.\n')
  expect(await status(at)).toMatch(/^Learned from 0 messages of spam and 0 of ham: /)
})

test.each([
  ['with SPAM_AUTOLEARN=false it learns from people alone', 'carl@club.test', { SPAM_AUTOLEARN: 'false' }],
  ['it learns nothing from answers of others than those who were asked', 'bob@example.test', {}],
])('%s', { timeout: 60_000 }, async (_, asked, settings) => {
  const at = await start(settings)
  await expect
    .poll(
      async () => {
        await answerAnn(at, asked)
        return (await at.homepost(['spam', 'history', '--last', '1'])).stdout
      },
      { timeout: 20_000 },
    )
    .toContain('REPLY')
  expect(await status(at)).toMatch(/^Learned from 0 messages of spam and 0 of ham: /)
})

test('what one has taught is printed, and put in the place of what another has', {
  timeout: 60_000,
}, async () => {
  const at = await start()
  const letter = 'From: x@far.test\nSubject: lottery\n\nSomething about the lottery\n'
  await at.homepost(['spam', 'learn', 'spam', '-', '--user', 'ann@example.test'], letter)
  const { stdout } = await at.homepost(['spam', 'export', '--user', 'ann@example.test'])
  expect(stdout).toMatch(/^\{"format":"homepost-spam-counts","version":1,"ham":0,"spam":1\}\n-?\d+ 0 1\n/)
  const forBob = ['--user', 'bob@example.test']
  expect((await at.homepost(['spam', 'import', '-', ...forBob], stdout)).stdout).toMatch(
    /^Learned: \d+ signs/,
  )
  expect((await at.homepost(['spam', 'export', ...forBob])).stdout).toBe(stdout)
  const refused = await at.homepost(['spam', 'import', '-'], letter)
  expect(refused.stderr).toMatch(/^Line 1 is none that /)
})

import { describe, expect, test } from 'vitest'
import {
  type Citizen,
  DeliveryWorld,
  inShort,
  questionOf,
  type Sent,
} from '../../../test/support/delivery-world.ts'

const ann = (more: Partial<Citizen> = {}): Citizen => ({ address: 'ann@a.test', ...more })
const bob = (): Citizen => ({ address: 'bob@a.test' })
const script = (text: string) => ann({ script: text })
/** A folder without a name. */
const failing = 'require ["fileinto", "variables"]; set "x" ""; fileinto "$\u007bx}";'

async function explained(people: readonly Citizen[], sent: Partial<Sent> = {}): Promise<readonly string[]> {
  const planned = await new DeliveryWorld({ people }).plan({ to: ['ann@a.test'], ...sent })
  return planned.kind === 'deliver' ? planned.delivery.decisions.flatMap(({ steps }) => steps) : []
}

describe('a decision says which line made it', () => {
  test('of the server', async () => {
    expect(await explained([ann()], { score: 13 })).toEqual([
      'judged: score 13',
      expect.stringMatching(
        /^filed in Junk, flagged \\Seen \(rule "Spam goes to Junk", line 9 of "server rules": spamtest /,
      ),
    ])
  })

  test('of a script', async () => {
    const text =
      '# rule:[Ads]\nrequire ["fileinto", "mailbox"];\nif header :contains "subject" "offer" {\n  fileinto :create "Ads";\n}'
    expect(await explained([script(text)])).toEqual([
      expect.stringMatching(/^filed in Ads \(.*line 4 of "main": header/),
    ])
  })

  test('of a script that stopped', async () => {
    const [why] = await explained([script(failing)])
    expect(why).toMatch(/^the script "main" stopped, so the message is kept: .*\(line 1 of "main"\)$/)
  })

  test('and nothing is said of a person without rules', async () => {
    expect(await explained([ann()])).toEqual([])
  })
})

describe('what rules write', () => {
  const letter = async (citizen: Citizen, sent: Partial<Sent> = {}) => {
    const planned = await new DeliveryWorld({ people: [citizen, bob()] }).plan({
      to: ['ann@a.test'],
      ...sent,
    })
    const made = planned.kind === 'deliver' ? planned.delivery.made[0] : undefined
    const text = made?.content.kind === 'written' ? Buffer.from(made.content.bytes).toString() : ''
    return { text, made }
  }

  test('an auto-reply is from its owner, and made once for each sender and day', async () => {
    const reply = { enabled: true, body: 'I am away,\nreally.' }
    const { text, made } = await letter(ann({ reply, displayedName: 'Ann "A" Lee' }))
    expect(text).toContain('From: "Ann \\"A\\" Lee" <ann@a.test>\r\n')
    expect(text).toContain('Subject: Auto: Offer\r\n')
    expect(text).toContain('Auto-Submitted: auto-replied')
    expect(text).toMatch(/\r\n\r\nI am away,\r\nreally\.\r\n$/)
    expect(made?.outgoing[0]).toMatchObject({
      sender: undefined,
      account: 1,
      recipients: [{ notify: ['never'] }],
    })
    expect(made?.once).toMatchObject({ account: 1, key: expect.stringMatching(/^vacation:/) })
  })

  test.each([
    'O\'Brien "Bob" \\ <x@y>',
    'Zeile\r\nBcc: evil@else.test',
    'Jörg 🦆',
    '\u0000\u0007',
    '.',
    '(comment',
    'a@b.test, c@d.test',
    '\ud800',
    'x'.repeat(2_000),
  ])('a name or subject such as %j breaks nothing', async (name) => {
    const reply = { enabled: true, subject: name, body: `${name}\n.\n"${name}` }
    const { text, made } = await letter(ann({ reply, displayedName: name }))
    expect(made?.outgoing[0]?.recipients).toHaveLength(1)
    const [header = ''] = text.split('\r\n\r\n', 1)
    expect(header).toContain('ann@a.test')
    expect(header).not.toMatch(/^bcc:/im)
  })

  test('a subject of its own', async () => {
    const { text } = await letter(ann({ reply: { enabled: true, subject: 'Gone', body: 'x' } }))
    expect(text).toContain('Subject: Gone\r\n')
  })

  test.each([
    [
      'reject',
      'disposition-notification',
      'From: <ann@a.test>',
      'Disposition: automatic-action/MDN-sent-automatically; deleted',
    ],
    ['ereject', 'delivery-status', 'From: Mail delivery <MAILER-DAEMON@a.test>', 'Status: 5.7.1'],
  ])('%s is told as %s', async (command, type, from, field) => {
    const text = `require "${command}"; ${command} text:\nNo.\nNever.\n.\n;`
    const { text: report } = await letter(ann({ script: text }), { to: ['ann@a.test', 'bob@a.test'] })
    expect(report).toContain(`report-type=${type}`)
    expect(report).toContain(`${from}\r\n`)
    expect(report).toContain(`${field}\r\n`)
    expect(report).toContain('To: <sender@else.test>\r\n')
    expect(report).toContain('\r\nNo.\r\nNever.\r\n')
    expect(report).toContain('Subject: Offer\r\n')
  })
})

describe('a message that was seen before', () => {
  const text = 'require ["duplicate", "fileinto", "mailbox"]; if duplicate { fileinto :create "Again"; }'

  test('is planned with a guard, and anew with what it met', async () => {
    const { planner } = new DeliveryWorld({ people: [script(text)] })
    const question = questionOf({ to: ['ann@a.test'] })
    const planned = await planner.plan(question)
    if (planned.kind !== 'deliver') throw new Error(planned.kind)
    const [guard] = planned.delivery.guards ?? []
    expect(inShort(planned)).toEqual(['1 INBOX'])
    expect(guard).toMatchObject({ account: 1, renews: false })
    const again = await planner.again(question, planned.snapshot, guard ? [guard] : [])
    expect(inShort(again)).toEqual(['1 Again'])
    expect(again.kind === 'deliver' && again.delivery.guards).toEqual([])
  })
})

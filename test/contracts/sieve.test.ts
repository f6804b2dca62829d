import { describe, expect, test } from 'vitest'
import { createSieve } from '../../src/modules/sieve/index.ts'
import type { SieveEngine } from '../../src/ports/sieve.ts'
import { bothWays } from '../support/both-ways.ts'
import { sieveFacts } from '../support/sieve-facts.ts'

const message = 'From: ann@else.test\nTo: nico@home.test\nMessage-ID: <1@x>\nSubject: offer\n\nbuy\n'
const text = [
  'require ["fileinto", "vacation", "duplicate", "include", "regex", "editheader", "imap4flags"];',
  'setflag "\\\\Seen"; if hasflag "\\\\Flagged" { discard; } deleteheader "X-Old";',
  'if duplicate { discard; stop; }',
  'include "more";',
  'if header :regex "subject" "^off(er)$" { addheader "X-Seen" "1"; fileinto "Offers"; }',
  'vacation "Away.";',
].join('\n')
const library = [{ location: 'personal' as const, name: 'more', text: 'keep;' }]

describe.each(bothWays)('the Sieve engine, %s', (_, way) => {
  const engine: SieveEngine = way(createSieve())

  const compiled = async (script = text) => {
    const answer = await engine.compile({ name: 'main', text: script, library })
    if (answer.kind === 'refused') throw new Error(answer.errors[0]?.message)
    return answer.script
  }

  test('says what require knows', async () => {
    const names = await engine.capabilities()
    expect(names).toEqual([...names].sort())
    expect(names).toEqual(expect.arrayContaining(['fileinto', 'vacation-seconds', 'imap4flags', 'mime']))
  })

  test('a refused script says what is wrong, and where', async () => {
    expect(await engine.compile({ name: 'bad', text: 'keep;\n  frop;', library: [] })).toEqual({
      kind: 'refused',
      errors: [{ script: 'bad', line: 2, column: 3, message: "unknown command 'frop'" }],
      warnings: [],
    })
  })

  test('a mistake in an included script carries its name', async () => {
    const broken = [{ location: 'personal' as const, name: 'more', text: '\nfrop;' }]
    const answer = await engine.compile({
      name: 'main',
      text: 'require "include"; include "more";',
      library: broken,
    })
    expect(answer).toMatchObject({ kind: 'refused', errors: [{ script: 'more', line: 2 }] })
  })

  test('a compiled script can be kept as text and run later', async () => {
    const kept = structuredClone(JSON.parse(JSON.stringify(await compiled())))
    const facts = sieveFacts(message)
    expect(await engine.evaluate(kept, facts)).toEqual(await engine.evaluate(await compiled(), facts))
  })

  test('the same script over the same facts gives the same outcome, byte for byte', async () => {
    const script = await compiled()
    const [one, other] = await Promise.all([1, 2].map(() => engine.evaluate(script, sieveFacts(message))))
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
    expect(one?.actions.map(({ kind }) => kind)).toEqual(['file', 'file', 'send'])
    expect(one?.versions.length).toBe(2)
  })

  test('says whether the body is needed, and runs over a header alone where it is not', async () => {
    expect(await compiled()).toMatchObject({ needsBody: false })
    expect(await compiled('require "body"; if body "x" { keep; }')).toMatchObject({ needsBody: true })
    const facts = sieveFacts(message)
    const { index, bytes } = facts.message
    const short = { ...facts, message: { index, bytes: bytes.subarray(0, index.headerBytes) } }
    const [whole, header] = await Promise.all([
      engine.evaluate(await compiled(), facts),
      engine.evaluate(await compiled(), short),
    ])
    expect(header).toEqual(whole)
  })

  test('changes neither the facts nor the script', async () => {
    const script = await compiled()
    const facts = sieveFacts(message)
    const before = JSON.stringify([script, facts])
    await engine.evaluate(script, facts)
    expect(JSON.stringify([script, facts])).toBe(before)
  })
})

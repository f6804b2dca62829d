import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { scanHeader } from '../../src/lib/mime/header.ts'
import { readChain } from '../../src/modules/dkim/arc/chain.ts'
import { arcFields } from '../../src/modules/dkim/arc/seal.ts'
import { verifyChain } from '../../src/modules/dkim/arc/verify.ts'
import { Lookups } from '../../src/modules/dkim/lookups.ts'
import { Network } from '../../src/modules/dkim/network.ts'
import { hashBody } from '../../src/modules/dkim/signature/body-hashes.ts'
import { bodyHashOf } from '../../src/modules/dkim/signature/check.ts'
import { indexHeader } from '../../src/modules/dkim/signature/header-input.ts'
import { createFakeClock } from '../support/fakes/clock.ts'
import { createFakeDnsResolver } from '../support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../support/fakes/message-bytes.ts'
import { createFakeLog } from '../support/fakes/runtime.ts'
import { sealedMessage } from '../support/sealed-message.ts'

/** ValiMail's vectors. Of the time of the drafts; what has changed since is named below. */
interface Suite {
  readonly description: string
  readonly tests: Readonly<Record<string, Vector>>
  readonly domain: string
  readonly sel: string
  readonly privatekey: string
  readonly 'txt-records'?: Readonly<Record<string, string>>
}

interface Vector {
  readonly description: string
  readonly message: string
  readonly cv?: string
  readonly t: number
  readonly 'sig-headers': string
  readonly 'srv-id': string
  readonly AS: string
  readonly AMS: string
  readonly AAR: string
}

const suitesOf = (file: string) =>
  parseAllDocuments(readFileSync(new URL(`../fixtures/arc/${file}`, import.meta.url), 'utf8')).map(
    (document): Suite => document.toJS(),
  )

const clock = createFakeClock(12_345_000)
const bytes = createFakeMessageBytes()

function lookupsOf(suite: Suite): Lookups {
  const texts = Object.entries(suite['txt-records'] ?? {}).map(([name, text]) => [
    `${name} TXT`,
    [{ type: 'TXT' as const, strings: [text.replaceAll('\n', '')] }],
  ])
  const resolver = createFakeDnsResolver(Object.fromEntries(texts))
  return new Lookups(new Network(resolver, { clock, log: createFakeLog() }), clock)
}

const relaxed = { canonical: 'relaxed', octets: undefined } as const

async function verdict(suite: Suite, text: string) {
  const message = sealedMessage(text.replaceAll(/\r?\n/g, '\r\n'))
  const header = scanHeader(Buffer.from(message.kind === 'inline' ? message.bytes : []).toString('latin1'))
  const indexed = indexHeader(header)
  const chain = readChain(indexed)
  const last = chain.kind === 'chain' ? chain.sets.at(-1) : undefined
  const body = hashBody(bytes, message, [relaxed, ...(last ? [bodyHashOf(last.signature)] : [])])
  return {
    indexed,
    body,
    chain,
    ...(await verifyChain(chain, { indexed, body, lookups: lookupsOf(suite), now: clock.now() })),
  }
}

describe.each(suitesOf('arc-draft-validation-tests.yml'))('validating: $description', (suite) => {
  test.each(Object.entries(suite.tests))('%s', async (_, vector) => {
    const { result, why } = await verdict(suite, vector.message)
    // The drafts had no word for a chain that had failed before; RFC 8617 §5.2, step 2: it has failed.
    expect(result, why).toBe((vector.cv ?? '').trim().toLowerCase() || 'fail')
  })
})

const unfolded = (text: string) => text.trim().replaceAll(/\s*\n\s*/g, ' ')
/** The vectors were signed before they were folded. */
const withWholeSignature = (text: string) =>
  unfolded(text).replace(/\bb=([^;]*)/, (_, signature: string) => `b=${signature.replaceAll(' ', '')}`)
const signatureIn = (text: string) => /\bb=([^;]*)/.exec(text)?.[1]?.replaceAll(/\s/g, '')

describe.each(suitesOf('arc-draft-sign-tests.yml'))('sealing: $description', (suite) => {
  const vectors = Object.entries(suite.tests)
  const sealed = vectors.filter(([, { AS }]) => AS !== undefined && /cv=(none|pass)/.test(AS))

  test.each(sealed)('%s: what others sealed holds', async (_, { AAR, AMS, AS, message }) => {
    const fields = `ARC-Seal: ${unfolded(AS)}\nARC-Message-Signature: ${withWholeSignature(AMS)}\nARC-Authentication-Results: ${unfolded(AAR)}\n`
    expect((await verdict(suite, fields + message)).why).toBe('')
  })

  test.each(sealed)('%s: our seal holds, and our signature is theirs', async (_, vector) => {
    const { indexed, body, chain } = await verdict(suite, vector.message)
    if (chain.kind === 'broken') throw new Error(chain.why)
    const bodyHash = (await body).of({ canonical: 'relaxed', octets: undefined })?.hash ?? Buffer.of()
    const fields = await arcFields({
      indexed,
      bodyHash,
      chain,
      results: unfolded(vector.AAR).replace(/^i=\d+; /, ''),
      names: vector['sig-headers'].split(':'),
      signer: { domain: suite.domain, selector: suite.sel, key: createPrivateKey(suite.privatekey) },
      at: vector.t * 1000,
    })
    expect((await verdict(suite, fields + vector.message)).why).toBe('')
    const ours = fields.slice(fields.indexOf('ARC-Message-Signature'))
    expect(signatureIn(ours)).toBe(signatureIn(vector.AMS))
  })

  // We add nothing to a chain that has failed: whoever looks at it says so all the same.
  test.each(vectors.filter((vector) => !sealed.includes(vector)))(
    '%s: the chain has failed',
    async (_, vector) => {
      expect((await verdict(suite, vector.message)).result).toBe('fail')
    },
  )
})

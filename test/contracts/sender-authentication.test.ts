import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMailAuthenticator, createMailSigner } from '../../src/modules/dkim/index.ts'
import { arrivalOf } from '../support/arrival.ts'
import { address, domainRow, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { createFakeDnsResolver } from '../support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../support/fakes/runtime.ts'
import { sealedMessage } from '../support/sealed-message.ts'

const domain = domainRow('home.test').name
const letter = 'From: ann@home.test\r\nSubject: Hi\r\n\r\nHello\r\n'

let auth: TestAuth
beforeEach(async () => {
  auth = await startAuth()
  await auth.admin.add('domain', { name: domain, alternatives: [] }, 'test')
})
afterEach(() => auth.end())

describe.each(bothWays)('DkimKeys, MailSigner and MailAuthenticator, %s', (_, way) => {
  const ambient = () => ({
    bytes: createFakeMessageBytes(),
    clock: auth.clock,
    log: createFakeLog(),
    meter: silentMeter,
  })

  test('what one signs with the keys of another, the third reports on', async () => {
    const keys = way(auth.dkimKeys)
    expect(await keys.put(domain, 'generate')).toEqual({ kind: 'kept' })
    expect((await keys.all(domain)).map(({ selector, stage }) => `${selector} ${stage}`)).toEqual([
      'dkim signing',
      'dkim-ed25519 signing',
    ])
    const signer = way(createMailSigner({ ...ambient(), keys }))
    const { header } = await signer.sign(sealedMessage(letter), address('ann@home.test'))
    expect(header.match(/^DKIM-Signature: /gm)).toHaveLength(2)
    const octets = new Uint8Array(Buffer.from(header + letter))
    expect(await signer.signAgain(octets, octets)).toMatchObject({ replaces: header.length })
    expect(await signer.signAgain(octets.subarray(header.length), octets)).toBe(undefined)

    const authenticator = way(
      createMailAuthenticator({
        ...ambient(),
        resolver: createFakeDnsResolver({}),
        hostnames: ['mail.home.test'],
        keys,
        seal: false,
      }),
    )
    const forged = 'Authentication-Results: mail.home.test; dkim=pass\r\n'
    const report = await authenticator.authenticate(
      arrivalOf(sealedMessage(forged + header + letter), { sender: address('ann@home.test') }),
    )
    expect(report).toMatchObject({
      forged: [{ from: 0, to: forged.length }],
      checks: {
        spf: { result: 'none', identity: 'mailfrom', domain: 'home.test' },
        dkim: [
          { result: 'permerror', domain: 'home.test', selector: 'dkim', why: 'there is no such key' },
          { result: 'permerror', domain: 'home.test', selector: 'dkim-ed25519' },
        ],
        dmarc: { result: 'none', author: 'home.test' },
      },
    })
  })
})

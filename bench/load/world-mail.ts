import { generateKeyPairSync } from 'node:crypto'
import { parseAddress } from '../../src/lib/address.ts'
import { createMailSigner } from '../../src/modules/dkim/index.ts'
import type { SigningKey } from '../../src/ports/dkim-keys.ts'
import { createFakeMessageBytes } from '../../test/support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../../test/support/fakes/runtime.ts'
import { sealedMessage } from '../../test/support/sealed-message.ts'
import { type Kind, messageId, type Template, templates } from './corpus.ts'
import { world } from './internet.ts'
import { createRandom } from './random.ts'

/** Mail of a stranger as a filter gets it: signed by DKIM, with a link in its HTML. */
export type WorldMail = {
  /** The public key, as its record has it (p=). */
  readonly key: string
  readonly sender: string
  readonly of: (kind: Kind | 'spam') => readonly Template[]
  /** Whole messages in turn: of ten, six small ones, three with a picture and one that shouts of winnings. */
  readonly mixed: readonly Buffer[]
}

const sender = `alice@${world.domain}`
const mixedCount = 100
const pattern = ['4k', '4k', '50k', '4k', '4k', '50k', '4k', '4k', '50k', 'spam'] as const

export async function writeWorldMail(): Promise<WorldMail> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const sign = signerWith(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const signed = async (kind: Kind, change = withLink) =>
    Promise.all(
      templates(kind, sender).map(({ afterMessageId }, at) => sign(change(String(afterMessageId), at))),
    )
  const kinds = {
    '4k': await signed('4k'),
    '50k': await signed('50k'),
    '1m': await signed('1m'),
    spam: await signed('4k', (text, at) => withLink(shouting(text, at), at)),
  }
  return {
    key,
    sender,
    of: (kind) => kinds[kind],
    mixed: Array.from({ length: mixedCount }, (_, at) => {
      const ofKind = kinds[pattern[at % pattern.length] ?? '4k']
      const body = ofKind[at % ofKind.length]?.afterMessageId ?? Buffer.alloc(0)
      return Buffer.concat([Buffer.from(messageId(`mixed-${at}`)), body])
    }),
  }
}

function signerWith(pem: string): (text: string) => Promise<Template> {
  const signing: readonly SigningKey[] = [
    { domain: world.domain as SigningKey['domain'], selector: world.selector, pem },
  ]
  const signer = createMailSigner({
    keys: { signing: async () => signing, all: async () => [] },
    bytes: createFakeMessageBytes(),
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    log: createFakeLog(),
    meter: silentMeter,
  })
  return async (text) => {
    const { header } = await signer.sign(sealedMessage(text), parseAddress(sender))
    return { afterMessageId: Buffer.from(header + received + text, 'latin1') }
  }
}

const received =
  `Received: from laptop (unknown [10.0.0.7])\r\n by ${world.server} with ESMTPSA id 4fX7Qz2kLp;` +
  ` Tue, 14 Nov 2023 22:13:20 +0000\r\n`

const withLink = (text: string, at: number): string =>
  text.replace('</body>', `<p><a href="https://www.${world.domain}/news/${at}">read more</a></p></body>`)

const winnings =
  'viagra cheap winner lottery million dollars urgent transfer click limited offer casino bonus free prize claim bitcoin'.split(
    ' ',
  )

/** Three of ten words of the text are those of spam. */
function shouting(text: string, at: number): string {
  const random = createRandom(at)
  const body = text.indexOf('\r\n\r\n')
  return (
    text.slice(0, body).replace('Subject: ', 'Subject: URGENT: YOU WON ') +
    text
      .slice(body)
      .replace(/\b[a-z]{4,7}\b(?=[ .])/g, (word) => (random.next() < 0.3 ? random.pick(winnings) : word))
  )
}

import type { createDelivery } from '../../src/modules/delivery/index.ts'
import { createSpamJudge } from '../../src/modules/spam/index.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { Arrival } from '../../src/ports/intake.ts'
import { address, type TestAuth } from './auth.ts'
import { deliveryRules } from './delivery-rules.ts'
import { createFakeLog, silentMeter } from './fakes/runtime.ts'
import { silentSuccess } from './fakes/success-reports.ts'
import { silentAuthenticator, silentSigner } from './fakes/vouching.ts'
import { mail, sealed, type TestStore } from './store.ts'

/** What an intake is made of, as the server has it, where nobody vouches and nothing is logged. */
export function intakeParts(store: TestStore, auth: TestAuth): Parameters<typeof createDelivery>[0] {
  return {
    addresses: auth.addresses,
    senders: auth.senders,
    returnPaths: auth.returnPaths,
    accounts: auth.accounts,
    ...deliveryRules(store),
    reports: silentSuccess,
    store: store.store,
    bytes: store.bytes,
    authenticator: silentAuthenticator,
    signer: silentSigner,
    judge: createSpamJudge(),
    clock: store.clock,
    log: createFakeLog(),
    meter: silentMeter,
  }
}

/** A message that comes from anywhere. */
export async function arriving(
  store: TestStore,
  to: readonly string[],
  { text, ...more }: Partial<Arrival> & { readonly text?: string } = {},
): Promise<Arrival> {
  return {
    id: 'm1',
    connection: 'c1',
    origin: { kind: 'arrived' },
    sender: address('sender@else.example'),
    recipients: to.map((one) => ({
      address: address(one),
      notify: undefined,
      originalRecipient: undefined,
    })),
    message: await sealed(store.bytes, text ?? mail()),
    trace: 'Received: from x\r\n',
    client: { ip: '192.0.2.1', helo: 'else.example', tls: true },
    requireTls: false,
    smtpUtf8: false,
    envelopeId: undefined,
    returnContent: undefined,
    receivedAt: 1_000,
    ...more,
  }
}

/** Every message of a mailbox, whole; none where there is no such mailbox. */
export async function textsIn({ store }: TestStore, account: AccountId, name = 'INBOX'): Promise<string[]> {
  const mailbox = await store.mailbox(account, name)
  if (!mailbox) return []
  const image = await store.image(account, mailbox.id)
  const found = []
  for (const uid of image?.uids ?? [])
    found.push(Buffer.from((await store.bytes(account, mailbox.id, uid)) ?? []).toString())
  return found
}

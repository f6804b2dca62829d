import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver } from '../../ports/addresses.ts'
import type { Leaving } from '../../ports/leaving.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'
import type { Delivery, LocalCopy } from '../../ports/mail-store.ts'
import type { OwnMail } from '../../ports/own-mail.ts'
import { triedForMs } from './leaving.ts'
import { copyPrefix } from './prefix.ts'
import { type Expansion, expandRecipient, followForwards } from './resolve.ts'

export interface OwnMailParts {
  readonly addresses: AddressResolver
  readonly signer: MailSigner
}

type Arrival = Parameters<OwnMail['plan']>[0]

/** Where reports go: no filter and no quota stands in their way, since nobody would hear of a refusal. */
export function ownMailBy({ addresses, signer }: OwnMailParts): OwnMail {
  return {
    async plan(written) {
      const { header } = await signer.sign(written.message, written.sender)
      const arrival = { ...written, trace: header + written.trace }
      const expanded = await Promise.all(
        arrival.recipients.map(({ address }) => expandRecipient(addresses, address)),
      )
      const later = expanded.find((expansion) => expansion.kind === 'later')
      if (later) return later
      const expansions = expanded.filter((expansion) => expansion.kind === 'expansion')
      const delivery = deliveryOf(arrival, expansions)
      if (delivery.copies.length > 0 || (delivery.outgoing ?? []).length > 0)
        return { kind: 'planned', delivery }
      return { kind: 'nowhere', text: expansions.flatMap(({ steps }) => steps).join('; ') }
    },
  }
}

function deliveryOf(arrival: Arrival, expansions: readonly Expansion[]): Delivery {
  const { id, message, trace, receivedAt, connection, client } = arrival
  const copies = new Map<AccountId, LocalCopy>()
  const ends = expansions.map((expansion) => ({
    recipient: expansion.recipient,
    ...followForwards(expansion),
  }))
  for (const { recipient, mailboxes } of ends) {
    for (const { account, address: owner } of mailboxes) {
      const prefix = copyPrefix({ sender: undefined, recipient, owner, results: '', trace })
      copies.set(account, { account, mailbox: 'INBOX', flags: [], prefix, receivedAt })
    }
  }
  const outside = [...new Set(ends.flatMap((end) => end.outside))]
  return {
    id,
    message,
    copies: [...copies.values()],
    outgoing: outside.length > 0 ? [leaving(arrival, outside)] : [],
    trace: {
      connection,
      ip: client.ip,
      helo: client.helo,
      sender: '',
      at: receivedAt,
      recipients: expansions.map(({ recipient, steps }) => ({ address: recipient, steps })),
    },
  }
}

function leaving(
  { trace, smtpUtf8, requireTls, receivedAt, recipients }: Arrival,
  outside: Expansion['outside'],
): Leaving {
  const notify = recipients[0]?.notify
  return {
    account: undefined,
    sender: undefined,
    prefix: trace,
    smtpUtf8,
    requireTls,
    envelopeId: undefined,
    returnContent: undefined,
    recipients: outside.map((address) => ({ address, notify, originalRecipient: undefined })),
    notBefore: receivedAt,
    expires: receivedAt + triedForMs,
    notice: undefined,
  }
}

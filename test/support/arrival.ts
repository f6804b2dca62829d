import type { Arrival } from '../../src/ports/intake.ts'
import type { MessageRef } from '../../src/ports/message.ts'

/** A message that a stranger hands over, but for what a test says. */
export const arrivalOf = (message: MessageRef, said: Partial<Arrival> = {}): Arrival => ({
  id: 'm',
  connection: 'c',
  origin: { kind: 'arrived' },
  sender: undefined,
  recipients: [],
  message,
  trace: '',
  client: { ip: '192.0.2.1', helo: 'x', tls: false },
  requireTls: false,
  smtpUtf8: false,
  envelopeId: undefined,
  returnContent: undefined,
  receivedAt: 0,
  ...said,
})

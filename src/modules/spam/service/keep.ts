import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { TryLater } from '../../../ports/runtime.ts'

/** Takes a message in that is going to be looked at, and released; `mostOctets` of 0 is unlimited. */
export async function keep(
  octets: AsyncIterable<Uint8Array>,
  { bytes, mostOctets }: { readonly bytes: MessageBytes; readonly mostOctets: number },
): Promise<{ readonly kind: 'sealed'; readonly ref: MessageRef } | TryLater> {
  const draft = await bytes.begin()
  let size = 0
  try {
    for await (const chunk of octets) {
      size += chunk.length
      if (mostOctets > 0 && size > mostOctets) throw new BadSyntax('the message is too large', mostOctets)
      const written = await bytes.write(draft, chunk)
      if (written.kind === 'later') {
        await bytes.discard(draft)
        return written
      }
    }
  } catch (cause) {
    await bytes.discard(draft)
    throw cause
  }
  const sealed = await bytes.seal(draft)
  if (sealed.kind === 'later') await bytes.discard(draft)
  return sealed
}

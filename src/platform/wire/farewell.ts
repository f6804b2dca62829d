import type { Duplex } from 'node:stream'
import type { Clock } from '../../ports/runtime.ts'

/** For the client to close its side after ours. */
const farewellMs = 5000

/** Ends a connection after the last word was written; resolves when it is closed. */
export async function farewell(stream: Duplex, clock: Clock): Promise<void> {
  if (stream.destroyed) return
  // Something has to read on, or the end of the client is never seen; and late errors must not be loud.
  stream.on('error', () => stream.destroy())
  stream.resume()
  const closed = new AbortController()
  stream.once('close', () => closed.abort())
  stream.end()
  await clock.sleep(farewellMs, closed.signal)
  stream.destroy()
}

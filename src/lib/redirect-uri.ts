/** RFC 8252 §7.3, and `localhost`, which RFC 9700 §4.1.3 allows for programs that know no better. */
const loopback = new Set(['127.0.0.1', '[::1]', 'localhost'])
const plain = /^[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]{1,1000}$/

/**
 * Why answers cannot go there; undefined where they can. A page over HTTPS, a program on the same machine, or a scheme of a program, which has the
 * name of a domain turned round (RFC 8252 §7.1): so none that a browser knows.
 */
export function redirectUriProblem(text: string): string | undefined {
  const url = plain.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (!url)
    return `“${text.slice(0, 100)}” is no address. Write it whole, as https://app.example.com/callback.`
  if (text.includes('#') || url.username !== '' || url.password !== '')
    return `${text} has a # or a name in it, which an answer cannot be sent to.`
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:')
    return loopback.has(url.hostname)
      ? undefined
      : `${text} is not encrypted: only http://127.0.0.1, http://[::1] and http://localhost may be.`
  return /^[a-z][a-z\d+-]*(?:\.[a-z\d+-]+)+:$/.test(url.protocol)
    ? undefined
    : `${url.protocol} is no scheme of a program: those look like com.example.app:/callback.`
}

/** RFC 9700 §4.1.3: to the letter, but for the port of a loopback address. */
export function isRegisteredRedirect(registered: readonly string[], asked: string): boolean {
  if (redirectUriProblem(asked) !== undefined) return false
  return registered.some(
    (uri) => uri === asked || (isLoopback(uri) && withoutPort(uri) === withoutPort(asked)),
  )
}

/** On this machine any program may listen, so that the answer says nothing of which it was. RFC 8252 §8.6 */
export const isOnTheWeb = (uri: string): boolean => uri.startsWith('https:')

const isLoopback = (uri: string): boolean => new URL(uri).protocol === 'http:'

const withoutPort = (uri: string): string =>
  uri.replace(/^(http:\/\/(?:\[[\da-f:]+\]|[^/:?]+)):\d{1,5}(?=[/?]|$)/i, '$1')

/** With what is answered behind what stands there already. RFC 6749 §4.1.2 */
export function answerAt(uri: string, answer: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(answer).toString()
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`
}

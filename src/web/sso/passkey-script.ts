import { createHash } from 'node:crypto'

/**
 * The one script there is: asks the browser for a passkey and sends its answer as a form. It stands in the pages that need it, and
 * the Content-Security-Policy knows its digest alone. Without it, and in a browser without passkeys, its forms stay hidden.
 */
export const passkeyScript = `
const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
const text = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const asked = (json) => {
  const options = JSON.parse(json)
  options.challenge = bytes(options.challenge)
  if (options.user) options.user.id = bytes(options.user.id)
  for (const each of options.excludeCredentials ?? []) each.id = bytes(each.id)
  return options
}
const answered = ({ id, rawId, type, response, authenticatorAttachment }) => JSON.stringify({
  id, type, authenticatorAttachment: authenticatorAttachment ?? undefined, rawId: text(rawId), clientExtensionResults: {},
  response: {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: text(response.userHandle) ?? undefined,
    transports: response.getTransports?.(),
  },
})
for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) continue
  form.hidden = false
  const failed = form.querySelector('[role=alert]')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    failed.hidden = true
    try {
      const publicKey = asked(form.dataset.passkey)
      const how = publicKey.user ? 'create' : 'get'
      form.elements.answer.value = answered(await navigator.credentials[how]({ publicKey }))
      form.submit()
    } catch {
      failed.hidden = false
    }
  })
}
`

/** What the Content-Security-Policy says of it. */
export const scriptSource = `'sha256-${createHash('sha256').update(passkeyScript).digest('base64')}'`

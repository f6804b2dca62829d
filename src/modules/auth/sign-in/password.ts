const maxBytes = 1_024

/**
 * The one form in which a password is hashed and compared: RFC 8265 §4.2 (OpaqueString), which took the place of SASLprep.
 * Undefined where it cannot be one: empty, or longer than anybody types.
 */
export function preparePassword(text: string): string | undefined {
  const prepared = text.replace(/\p{Zs}/gu, ' ').normalize('NFC')
  return prepared === '' || Buffer.byteLength(prepared) > maxBytes ? undefined : prepared
}

/**
 * What to compare with a stored hash: the one form, and the password as it came, which is what Mailu has hashed. None where
 * it is nobody's password.
 */
export function passwordForms(text: string): readonly string[] {
  const prepared = preparePassword(text)
  return prepared === undefined ? [] : [...new Set([prepared, text])]
}

/** What is wrong with a new password, as advice; undefined where nothing is. */
export function newPasswordProblem(text: string): string | undefined {
  if (text === '') return 'The password is empty. Choose one.'
  // RFC 8265 §4.2.2: no control characters; some clients cannot type or send them.
  if (/\p{Cc}/u.test(text))
    return 'The password has a control character, such as a line end or a tab. Leave it out.'
  if (Buffer.byteLength(text) > maxBytes)
    return `The password is longer than ${maxBytes} bytes. Choose a shorter one.`
  return undefined
}

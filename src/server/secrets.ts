/** Random secrets: what the client holds, and what we keep of it. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export const newSecret = (bytes: number): string => randomBytes(bytes).toString('base64url')

/** Secrets are long and random, so a plain digest suffices. */
export const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** In a time that does not depend on where they differ. */
export function matches(secret: string, expectedDigest: string): boolean {
  return timingSafeEqual(Buffer.from(digest(secret)), Buffer.from(expectedDigest))
}

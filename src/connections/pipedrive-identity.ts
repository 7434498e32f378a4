import { InvalidInput } from '../kit/errors/invalid-input.ts'
import type { Secret } from '../kit/secret.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import { KeyRefused } from '../pipedrive/errors/key-refused.ts'
import { createLedger } from '../pipedrive/ledger.ts'
import { isNotPipedriveKey } from './credential.ts'
import type { Owner } from './registry.ts'
import type { RegistryDeps } from './registry-deps.ts'

/** A PipedriveIdentity is the company and user of an API key, in the columns of a connection. */
export interface PipedriveIdentity {
  company_id: number
  company_name: string
  user_id: number
  user_name: string
  user_email: string
}

/** Asks Pipedrive now (users/me, 2 tokens). Throws the client's errors. */
export async function identityOfKey(client: PipedriveClient, apiKey: Secret, isStoredKey: boolean): Promise<PipedriveIdentity> {
  const me = await client.open(apiKey, { ledger: createLedger(), isStoredKey }).pipedrive.users.me()
  return {
    company_id: me.company_id,
    company_name: me.company_name ?? '',
    user_id: me.id,
    user_name: me.name,
    user_email: me.email ?? '',
  }
}

const fault = (message: string) => new InvalidInput([{ field: 'apiKey', message }])

/** The same for a key that an owner sends, who could guess with it: a refused key is an InvalidInput, and too many are a TooManyRefusedKeys. */
export async function identityOfNewKey(
  { client, throttle }: Pick<RegistryDeps, 'client' | 'throttle'>,
  owner: Owner,
  apiKey: Secret,
): Promise<PipedriveIdentity> {
  const text = apiKey.reveal()
  if (text === '') throw fault('is required: the API key of a Pipedrive user (Personal preferences > API)')
  if (isNotPipedriveKey(text))
    throw fault('is a key or token of this server; use the API key of a Pipedrive user (Personal preferences > API)')
  const name = apiKey.digest('dealbridge new Pipedrive key')
  const guesser = `owner ${owner.id}`
  const endTrial = await throttle.startTrial(name, guesser)
  try {
    const identity = await identityOfKey(client, apiKey, false)
    throttle.recordAcceptance(name)
    return identity
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error
    throttle.recordRefusal(name, guesser)
    throw fault('is refused by Pipedrive. Copy the whole current key from Pipedrive (Personal preferences > API)')
  } finally {
    endTrial()
  }
}

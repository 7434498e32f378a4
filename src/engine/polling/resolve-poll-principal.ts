import type { Principal } from '../../connections/principal.ts'
import type { Connections } from '../../connections/connections.ts'
import { ApiKeyMissing } from '../../connections/errors/api-key-missing.ts'
import { ConnectionKeyRefused } from '../../connections/errors/connection-key-refused.ts'
import type { CallContext } from '../call-context.ts'
import type { OpenTriggerState } from './trigger-state.ts'

/**
 * Resolves the principal of a poll. The key of the call decides. Without a key, the connection key that made the state decides, as long as it
 * exists: some hosts follow a Location without the headers of the first call. A Pipedrive key is never stored, so its states need a key.
 */
export async function resolvePollPrincipal(
  before: OpenTriggerState | undefined,
  { credential, address }: CallContext,
  connections: Connections,
): Promise<Principal> {
  if (credential.key) return connections.resolve(credential, address)
  if (!before) throw new ApiKeyMissing()
  if (before.connectionKeyId === undefined)
    throw new ApiKeyMissing('The request carries no key, and its trigger state was made with a Pipedrive API key, which is not stored.')
  const principal = await connections.resolveKeyId(before.connectionKeyId)
  if (credential.connectionId !== undefined && principal.connection?.id !== credential.connectionId)
    throw new ConnectionKeyRefused(
      'The trigger state belongs to another connection than the one in the path.',
      'Follow each Location unchanged, or turn the flow off and on: the trigger then starts from the beginning.',
    )
  return principal
}

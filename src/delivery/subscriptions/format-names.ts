/**
 * How a delivery can be written: the record alone; the record with the signature headers of Standard Webhooks; a CloudEvent; and what
 * Microsoft's connector callbacks look like.
 */
export const formatNames = ['record', 'standard-webhooks', 'cloudevents', 'connector'] as const
export type FormatName = (typeof formatNames)[number]

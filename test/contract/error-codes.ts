/** Every code that a caller can meet, and the status that it comes with: flows branch on them. */
export const errorCodes = {
  InvalidInput: 400,
  InvalidBody: 400,
  InvalidRequest: 400,
  InvalidIdempotencyKey: 400,
  InvalidTriggerState: 400,
  TriggerStateKeyUnknown: 400,
  Rejected: 400,
  ApiKeyMissing: 401,
  ApiKeyMalformed: 401,
  ApiKeyRefused: 401,
  ConnectionKeyRefused: 401,
  MetricsTokenRefused: 401,
  CompanyNotAllowed: 403,
  Forbidden: 403,
  PipedriveAccountBlocked: 403,
  NotFound: 404,
  RouteNotFound: 404,
  MethodNotAllowed: 405,
  DealDeleted: 409,
  DealArchived: 409,
  DealNotDeleted: 409,
  Conflict: 409,
  OutcomeUnknown: 409,
  BodyTooLarge: 413,
  UnsupportedBody: 415,
  RateLimitExceeded: 429,
  TooManyRefusedKeys: 429,
  BurstExhausted: 429,
  BudgetExhausted: 429,
  StoreMissing: 501,
  Unreadable: 502,
  NotReady: 503,
  FirewallBlocked: 503,
  Unavailable: 503,
  OutOfTime: 504,
} as const
export type ErrorCode = keyof typeof errorCodes

/** Codes that no caller can be made to meet on purpose: for one who has hung up, and for a defect of ours. */
export const unmet: readonly string[] = ['CallerGone', 'InternalError']

/** Codes that other tests provoke: of writes that are done once, of named connections, their management, and the key ring. */
export const metElsewhere: readonly string[] = [
  'ConnectionNeedsAttention',
  'TokenRefused',
  'AdminOnly',
  'NotFoundHere',
  'NameTaken',
  'OtherCompany',
  'KeyRingFull',
  'SealBroken',
  'SealKeyUnknown',
  'IdempotencyKeyReused',
  'WriteRunning',
  'WriteUndecided',
]

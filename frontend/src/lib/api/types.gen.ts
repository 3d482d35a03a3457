// Generated from the Go types in app/. Do not edit.

export interface About {
  version: string; commit: string; sqlite: string; go: string; system: string; window: boolean; dataDir: string;
  licenses: License[];
}
export interface AcceptTerms { version: string }
export interface AccountCard {
  account: string; exchange: string; mode: string; name: string; label: string; trades: boolean; enabled: boolean;
  hasKeys: boolean; connected: boolean; modeFixed: boolean; health: PartHealth; rights: KeyRights; positionMode: string;
  marginMode: string; known: boolean; streamLive: boolean; skewMillis: string; bannedUntil: string;
  requestsLeft: number; requestsLimit: number; money: AccountMoney[]; keyName: string; secretName: string;
}
export interface AccountCheck { name: string; ok: boolean; detail: string; micros: number }
export interface AccountChecks { ok: boolean; items: AccountCheck[] }
export interface AccountID { account: string }
export interface AccountList { items: AccountCard[] }
export interface AccountMoney { currency: string; balance: string; equity: string }
export interface AccountRow {
  account: string; exchange: string; mode: string; currency: string; balance: string; equity: string;
  unrealizedPnl: string; margin: string;
}
export interface AddAccount { exchange: string; mode: string; name: string; label: string }
export interface AlarmChannel { name: string; problem: string; downSince: string; toldAt: string }
export interface AlarmID { id: string }
export interface AlarmPage { items: AlarmRow[]; next: string; channels: AlarmChannel[] }
export interface AlarmRow {
  id: string; kind: string; subject: string; text: string; fix: string; firstAt: string; lastAt: string; count: number;
  acknowledgedAt: string; acknowledgedBy: string; told: AlarmTold[];
}
export interface AlarmTold { channel: string; count: number; at: string }
export interface AlertAnswer { status: number; body: string; micros: number; requestId: string }
export interface AlertLog {
  from: string; to: string; lines: number; ours: number; arrived: number; missed: LoggedAlert[]; others: LoggedAlert[];
}
export interface AlertText { json: string; warnings: string[] }
export interface AskSupport { balances: boolean }
export interface AuditCheck { ok: boolean; detail: string; line: number; lines: number; since: string }
export interface AuditExport { text: string; lines: number; next: number }
export interface AuditLine { line: number }
export interface AuditPage { items: AuditRow[]; next: string }
export interface AuditRow {
  line: number; at: string; actor: string; origin: string; action: string; subject: string; decision: string;
  before: string; after: string; detail: string; prevHash: string; hash: string;
}
export interface Authenticator { secret: string; uri: string }
export interface BuildAlert {
  kind: string; exchange: string; symbol: string; action: string; sizeMode: string; size: string; leverage: string;
  orderType: string; price: string; takeProfit: string; stopLoss: string; trailingStop: string; strategy: string;
  maxAge: string; test: boolean;
}
export interface Canary { account: string; symbol: string; phrase: string; key: string }
export interface CancelOrder { id: string }
export interface Checklist { items: ChecklistItem[] }
export interface ChecklistItem { name: string; ok: boolean; detail: string }
export interface ClosePosition {
  account: string; symbol: string; product: string; side: string; quantity: string; key: string;
}
export interface CompareLog { csv: string }
export interface ConfirmAddress { address: string }
export interface CreateToken { name: string; scope: string }
export interface CreateWebhookKey { label: string; scope: WebhookKeyScope }
export interface DeleteStrategy { name: string; version: number }
export interface DriftAccount { account: string; comparedAt: string; problem: string }
export interface DriftFix { what: string; label: string; help: string }
export interface DriftList { items: DriftRow[]; accounts: DriftAccount[] }
export interface DriftRow {
  id: string; account: string; mode: string; kind: string; product: string; symbol: string; slot: string;
  orderId: string; exchangeId: string; ours: string; theirs: string; meaning: string; firstSeen: string;
  lastSeen: string; rounds: number; ignored: boolean; fixes: DriftFix[];
}
export interface Empty {
}
export interface EnableAccount { account: string; enabled: boolean }
export interface EquityPoint { at: string; equity: string }
export interface ExportAudit {
  actor: string; action: string; decision: string; from: string; to: string; format: string; after: number;
}
export interface ExportSecrets { passphrase: string; current: string }
export interface ExportedSecrets { file: string; text: string; count: number }
export interface Fault { kind: string; message: string; ref: string; field: string }
export interface FillPage { items: FillRow[]; next: string }
export interface FillRow {
  id: string; orderId: string; requestId: string; exchange: string; account: string; symbol: string; side: string;
  quantity: string; price: string; fee: string; feeAsset: string; liquidity: string; realizedPnl: string; mode: string;
  at: string;
}
export interface Filter {
  exchange: string; symbol: string; status: string; requestId: string; side: string; openOnly: boolean;
}
export interface FixDrift { id: string; what: string }
export interface Flatten { exchange: string; confirm: string; key: string }
export interface FlattenReport { items: FlattenStep[] }
export interface FlattenStep { what: string; state: string; detail: string }
export interface GetOverview { span: string }
export interface GetSetting { key: string }
export interface GetSignal { requestId: string }
export interface HealthReport {
  items: PartHealth[]; mode: string; version: string; lastAlertAt: string; answerMicros: number; queueDepth: number;
  now: string;
}
export interface Hint { topic: string; seq: number }
export interface ImportReport { items: ImportedSecret[]; changed: number }
export interface ImportSecrets { text: string; passphrase: string; merge: string }
export interface ImportedSecret { name: string; what: string }
export interface JobID { id: string }
export interface JobPage { items: JobRow[]; next: string; waiting: number; dead: number }
export interface JobRow {
  id: string; kind: string; lane: string; requestId: string; orderId: string; state: string; attempts: number;
  runAt: string; deadline: string; lastError: string; createdAt: string;
}
export interface KeyRights {
  linear: string; spot: string; withdraw: string; transfer: string; bound: string; expiresAt: string; notes: string[];
}
export interface KillProgress { name: string; cancelled: number; confirmed: number }
export interface LeaveWindow { how: string; remember: boolean }
export interface License { name: string; version: string; kind: string; text: string }
export interface ListAlarms { limit: number; cursor: string; openOnly: boolean }
export interface ListAudit {
  actor: string; action: string; decision: string; from: string; to: string; limit: number; cursor: string;
}
export interface ListSettings { limit: number; cursor: string }
export interface LoggedAlert {
  line: number; at: string; name: string; ticker: string; delivery: string; message: string; notOurs: string;
}
export interface Login { key: string }
export interface ModeQuestion { exchange: string; mode: string }
export interface NewToken { name: string; scope: string; key: string }
export interface NewWebhookKey { key: string; row: WebhookKeyRow }
export interface Numbers { rule: string; asked: string; allowed: string; ok: boolean }
export interface OfferPairing { role: string }
export interface OrderPage { items: OrderRow[]; next: string }
export interface OrderRow {
  id: string; requestId: string; exchange: string; account: string; symbol: string; side: string; type: string;
  reduceOnly: boolean; quantity: string; price: string; takeProfit: string; stopLoss: string; filledQuantity: string;
  averagePrice: string; status: string; clientOrderId: string; exchangeOrderId: string; reason: string; mode: string;
  createdAt: string; updatedAt: string;
}
export interface Overview {
  mode: string; currency: string; equity: string; balance: string; unrealizedPnl: string; todayPnl: string;
  todayRealized: string; todayPercent: string; todayFees: string; todayFills: number; todaySignals: number;
  todayRefused: number; curve: EquityPoint[]; ticks: FillRow[]; accounts: AccountRow[];
}
export interface PageRequest { limit: number; cursor: string; filter: Filter }
export interface PairingCode { code: string; link: string; until: string; role: string }
export interface PartHealth {
  name: string; state: string; detail: string; latencyMicros: number; checkedAt: string; fix: string;
}
export interface PositionPage { items: PositionRow[]; next: string }
export interface PositionRow {
  exchange: string; account: string; symbol: string; product: string; side: string; quantity: string; baseAsset: string;
  quoteAsset: string; entryPrice: string; markPrice: string; markAt: string; notional: string; unrealizedPnl: string;
  realizedPnl: string; leverage: string; liquidationPrice: string; stopLoss: string; takeProfit: string;
  trailingStop: string; mode: string; openedAt: string; reconciledAt: string;
}
export interface Preview { items: PreviewCourse[] }
export interface PreviewCheck { rule: string; ok: boolean; detail: string }
export interface PreviewCourse {
  account: string; mode: string; symbol: string; product: string; verdict: string; reason: string; legs: PreviewLeg[];
  checks: PreviewCheck[]; warnings: string[];
}
export interface PreviewLeg {
  side: string; type: string; quantity: string; baseAsset: string; price: string; reduceOnly: boolean; leverage: number;
  protection: string;
}
export interface PreviewStrategy { doc: StrategyDoc; alert: string }
export interface QuitLine { kind: string; account: string; mode: string; what: string; after: string; stands: string }
export interface QuitSummary { mode: string; items: QuitLine[]; notes: string[]; hide: string; onClose: string }
export interface Receipt { requestId: string; status: string; reason: string }
export interface RequeueAlert { id: string; preview: boolean }
export interface Requeued {
  preview: boolean; requestId: string; status: string; reason: string; items: PreviewCourse[];
}
export interface RevealedKey { key: string }
export interface RotateVault { current: string }
export interface RotateWebhookKey { id: string; overlapMinutes: number }
export interface SaveKeys { account: string; key: string; secret: string }
export interface SaveStrategy { doc: StrategyDoc; version: number }
export interface SaveSupport { digest: string }
export interface SavedSupport { file: string; bytes: number }
export interface SealVault { kind: string; passphrase: string; current: string }
export interface SecretList { items: SecretRow[]; vault: VaultState }
export interface SecretName { name: string }
export interface SecretRow {
  name: string; set: boolean; source: string; hint: string; help: string; fixed: boolean; takesEffect: string;
}
export interface SendAlert { body: string }
export interface SessionID { id: string }
export interface SessionList { items: SessionRow[] }
export interface SessionRow {
  id: string; browser: string; address: string; signedInAt: string; lastSeen: string; expiresAt: string;
  current: boolean;
}
export interface SetAccount { account: string; positionMode: string; marginMode: string }
export interface SetKill { state: string; reason: string }
export interface SetSecret { name: string; value: string }
export interface SetSetting { key: string; value: string }
export interface SetTelegramRole { user: string; role: string }
export interface SettingChange { at: string; actor: string; from: string; to: string }
export interface SettingHistory { items: SettingChange[] }
export interface SettingList { items: SettingRow[]; next: string }
export interface SettingRow {
  key: string; value: string; default: string; type: string; bounds: string; options: string[]; help: string;
  group: string; unit: string; readOnly: boolean; updatedAt: string; actor: string;
}
export interface SettleOrder { id: string; as: string; reason: string }
export interface SetupArrival { requestId: string; at: string; way: string; from: string; fix: string }
export interface SetupAstray { at: string; words: string; fix: string }
export interface SetupPoint { title: string; text: string }
export interface SetupState {
  dataDir: string; market: string; vaultSeal: string; firstRun: boolean; opens: boolean; outcome: string;
  outcomeAt: string; outcomeBy: string; terms: SetupTerms; arrival: SetupArrival; astray: SetupAstray;
  steps: SetupStep[];
}
export interface SetupStep { id: string; name: string; done: boolean; optional: boolean; detail: string; fix: string }
export interface SetupTerms {
  version: string; points: SetupPoint[]; accepted: boolean; acceptedAt: string; acceptedBy: string;
}
export interface SignalChild { requestId: string; account: string; status: string; reason: string }
export interface SignalPage { items: SignalRow[]; next: string }
export interface SignalRow {
  requestId: string; source: string; receivedAt: string; status: string; reason: string; deliveries: number;
  exchange: string; account: string; symbol: string; action: string; quantity: string; mode: string; credential: string;
  keyLabel: string; strategy: string; comment: string; warnings: string[]; orders: OrderRow[]; timeline: Stage[];
  parent: string; children: SignalChild[];
}
export interface SignalStory {
  requestId: string; source: string; receivedAt: string; status: string; reason: string; deliveries: number;
  exchange: string; account: string; symbol: string; action: string; quantity: string; mode: string; credential: string;
  keyLabel: string; strategy: string; comment: string; warnings: string[]; orders: OrderRow[]; timeline: Stage[];
  parent: string; children: SignalChild[]; raw: string; deadline: string; decision: Numbers[]; fills: FillRow[];
}
export interface Stage { at: string; stage: string; detail: string; micros: number; orderId: string }
export interface StrategyDoc {
  name: string; enabled: boolean; routes: StrategyRoute[]; symbols: SymbolMapping[]; pyramiding: string;
  maxAdds: number; cancelPrevious: boolean; dust: boolean; stopLoss: string; takeProfit: StrategyTarget[];
  trailingStop: string; maxAgeSeconds: number; expectMinutes: number; paperTwin: boolean;
}
export interface StrategyList { items: StrategyRow[] }
export interface StrategyRoute {
  account: string; enabled: boolean; sizeMode: string; sizeValue: string; maxOrder: string; maxPosition: string;
  leverage: number; marginMode: string;
}
export interface StrategyRow { doc: StrategyDoc; version: number; updatedAt: string; actor: string }
export interface StrategyTarget { at: string; share: string }
export interface SupportBundle { items: SupportFile[]; digest: string }
export interface SupportFile { name: string; why: string; text: string }
export interface SwitchMode { exchange: string; mode: string; phrase: string }
export interface SymbolMapping { pattern: string; to: string; account: string }
export interface TelegramLevel { kind: string; level: string; key: string; help: string }
export interface TelegramLine {
  id: string; at: string; in: boolean; chat: string; who: string; kind: string; words: string; state: string;
  detail: string;
}
export interface TelegramLogPage { items: TelegramLine[]; next: string }
export interface TelegramPerson {
  user: string; name: string; role: string; pairedAt: string; pairedBy: string; seenAt: string;
}
export interface TelegramState {
  enabled: boolean; hasToken: boolean; phase: string; since: string; next: string; bot: string; public: string;
  heardAt: string; latencyMicros: number; detail: string; fix: string; waiting: number; oldestAt: string; stuck: string;
  people: TelegramPerson[]; pairingUntil: string; pairingRole: string; authenticator: boolean; levels: TelegramLevel[];
}
export interface TelegramUser { user: string }
export interface TokenList { items: TokenRow[] }
export interface TokenName { name: string }
export interface TokenRow { name: string; scope: string; createdAt: string; actor: string; lastSeen: string }
export interface TradingState { state: string; reason: string; actor: string; since: string; exchanges: KillProgress[] }
export interface TrustHost { fingerprint: string }
export interface TunnelHostKey { address: string; type: string; fingerprint: string; known: string }
export interface TunnelKind {
  kind: string; address: string; tls: string; notLive: string; recipe: string; install: string;
}
export interface TunnelState {
  kind: string; hostname: string; phase: string; public: string; local: string; old: string; since: string;
  next: string; provedAt: string; restarts: number; version: string; program: string; hash: string; detail: string;
  fix: string; notLive: string; warnings: string[]; output: string[]; hostKey: TunnelHostKey; kinds: TunnelKind[];
}
export interface UnlockVault { passphrase: string }
export interface UpdateState { state: string; detail: string; version: string; url: string; checkedAt: string }
export interface UpdateWebhookKey { id: string; version: number; label: string; scope: WebhookKeyScope }
export interface UploadContent { type: string; base64: string }
export interface UploadID { id: string }
export interface UploadPage { items: UploadRow[]; next: string }
export interface UploadRow {
  id: string; at: string; who: string; title: string; type: string; size: number; sha256: string; caption: string;
}
export interface VaultState { kind: string; locked: boolean; detail: string; fix: string; waitSeconds: number }
export interface WebhookAddress { url: string; public: boolean; note: string; keyHint: string }
export interface WebhookKeyID { id: string }
export interface WebhookKeyList { items: WebhookKeyRow[] }
export interface WebhookKeyRow {
  id: string; label: string; master: boolean; scope: WebhookKeyScope; texts: WebhookKeyText[]; createdAt: string;
  revokedAt: string; lastSeenAt: string; lastSeenFrom: string; uses: number; version: number; actor: string;
}
export interface WebhookKeyScope {
  strategy: string; accounts: string[]; symbols: string[]; entries: string; maxOrder: string; rateLimit: number;
}
export interface WebhookKeyText { hint: string; createdAt: string; expiresAt: string; lastSeenAt: string }
export type AlarmKind =
  | 'halted' | 'drift' | 'dead_letter' | 'needs_review' | 'reappeared' | 'unsent_close' | 'unprotected' | 'account'
  | 'address' | 'silent' | 'key_conflict' | 'ledger' | 'vault' | 'disk' | 'backup' | 'clock' | 'audit' | 'test'
export type AuditAction =
  | 'boot' | 'setting.set' | 'kill.set' | 'mode.switch' | 'strategy.save' | 'strategy.delete' | 'position.close'
  | 'flatten' | 'order.cancel' | 'order.settle' | 'drift.fix' | 'queue.retry' | 'queue.discard' | 'queue.requeue'
  | 'alert.send' | 'account.add' | 'account.enable' | 'account.set_up' | 'account.test' | 'account.canary' | 'keys.save'
  | 'keys.remove' | 'secret.set' | 'secret.delete' | 'vault.lock' | 'vault.unlock' | 'vault.seal' | 'vault.rotate'
  | 'secret.export' | 'secret.import' | 'webhook_key.reveal' | 'webhook_key.create' | 'webhook_key.change'
  | 'webhook_key.rotate' | 'webhook_key.revoke' | 'internal_key.rotate' | 'token.create' | 'token.revoke'
  | 'browser.invite' | 'browser.login' | 'browser.logout' | 'browser.revoke' | 'backup' | 'restore'
  | 'alarm.acknowledge' | 'alarm.test' | 'window.leave' | 'window.show' | 'update.check' | 'support.collect'
  | 'support.save' | 'setup.accept' | 'setup.finish' | 'setup.put_off' | 'tunnel.confirm' | 'tunnel.trust'
  | 'tunnel.forget' | 'tunnel.retry' | 'telegram.offer' | 'telegram.pair' | 'telegram.role' | 'telegram.remove'
  | 'telegram.test' | 'telegram.drop_upload' | 'call.refuse' | 'alert.refuse' | 'message.refuse'

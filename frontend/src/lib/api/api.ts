import type * as T from './types.gen'

/** Every method the program answers, grouped by subject. Each takes one request and gives one answer or an ApiFault. */
export interface Api {
  signals: {
    list(req: T.PageRequest): Promise<T.SignalPage>
    get(req: T.GetSignal): Promise<T.SignalStory>
  }
  orders: {
    list(req: T.PageRequest): Promise<T.OrderPage>
    cancel(req: T.CancelOrder): Promise<T.Receipt>
    settle(req: T.SettleOrder): Promise<T.Receipt>
  }
  fills: { list(req: T.PageRequest): Promise<T.FillPage> }
  positions: {
    list(req: T.PageRequest): Promise<T.PositionPage>
    close(req: T.ClosePosition): Promise<T.Receipt>
    flatten(req: T.Flatten): Promise<T.FlattenReport>
  }
  kill: {
    get(): Promise<T.TradingState>
    set(req: T.SetKill): Promise<T.TradingState>
    checklist(): Promise<T.Checklist>
  }
  health: { get(): Promise<T.HealthReport> }
  settings: {
    list(): Promise<T.SettingList>
    set(req: T.SetSetting): Promise<T.SettingRow>
    history(req: T.GetSetting): Promise<T.SettingHistory>
  }
  queue: {
    list(req: T.PageRequest): Promise<T.JobPage>
    retry(req: T.JobID): Promise<T.Receipt>
    discard(req: T.JobID): Promise<T.Receipt>
    requeue(req: T.RequeueAlert): Promise<T.Requeued>
  }
  alerts: {
    address(): Promise<T.WebhookAddress>
    reveal(): Promise<T.RevealedKey>
    build(req: T.BuildAlert): Promise<T.AlertText>
    send(req: T.SendAlert): Promise<T.AlertAnswer>
    compareLog(req: T.CompareLog): Promise<T.AlertLog>
  }
  setup: {
    get(): Promise<T.SetupState>
    accept(req: T.AcceptTerms): Promise<T.SetupState>
    finish(): Promise<T.SetupState>
    putOff(): Promise<T.SetupState>
  }
  analytics: { overview(req: T.GetOverview): Promise<T.Overview> }
  accounts: {
    list(): Promise<T.AccountList>
    saveKeys(req: T.SaveKeys): Promise<T.Receipt>
    removeKeys(req: T.AccountID): Promise<T.Receipt>
    add(req: T.AddAccount): Promise<T.Receipt>
    enable(req: T.EnableAccount): Promise<T.Receipt>
    setUp(req: T.SetAccount): Promise<T.Receipt>
    test(req: T.AccountID): Promise<T.AccountChecks>
    canary(req: T.Canary): Promise<T.AccountChecks>
    checklist(req: T.ModeQuestion): Promise<T.Checklist>
    switchMode(req: T.SwitchMode): Promise<T.Receipt>
  }
  strategies: {
    list(): Promise<T.StrategyList>
    save(req: T.SaveStrategy): Promise<T.StrategyRow>
    delete(req: T.DeleteStrategy): Promise<T.Receipt>
    preview(req: T.PreviewStrategy): Promise<T.Preview>
  }
  drift: {
    list(): Promise<T.DriftList>
    fix(req: T.FixDrift): Promise<T.Receipt>
  }
  desktop: {
    quitSummary(): Promise<T.QuitSummary>
    leave(req: T.LeaveWindow): Promise<T.Receipt>
    show(): Promise<T.Receipt>
    about(): Promise<T.About>
    update(): Promise<T.UpdateState>
    checkUpdate(): Promise<T.UpdateState>
  }
  support: {
    preview(req: T.AskSupport): Promise<T.SupportBundle>
    save(req: T.SaveSupport): Promise<T.SavedSupport>
  }
  webhookKeys: {
    list(): Promise<T.WebhookKeyList>
    create(req: T.CreateWebhookKey): Promise<T.NewWebhookKey>
    update(req: T.UpdateWebhookKey): Promise<T.WebhookKeyRow>
    rotate(req: T.RotateWebhookKey): Promise<T.NewWebhookKey>
    revoke(req: T.WebhookKeyID): Promise<T.WebhookKeyRow>
  }
  audit: {
    list(req: T.ListAudit): Promise<T.AuditPage>
    get(req: T.AuditLine): Promise<T.AuditRow>
    verify(): Promise<T.AuditCheck>
    export(req: T.ExportAudit): Promise<T.AuditExport>
  }
  alarms: {
    list(req: T.ListAlarms): Promise<T.AlarmPage>
    acknowledge(req: T.AlarmID): Promise<T.AlarmRow>
    test(): Promise<T.AlarmRow>
  }
  sessions: {
    list(): Promise<T.SessionList>
    revoke(req: T.SessionID): Promise<T.Receipt>
    revokeOthers(): Promise<T.Receipt>
    rotateKey(): Promise<T.Receipt>
  }
  secrets: {
    list(): Promise<T.SecretList>
    set(req: T.SetSecret): Promise<T.Receipt>
    delete(req: T.SecretName): Promise<T.Receipt>
    lock(): Promise<T.VaultState>
    unlock(req: T.UnlockVault): Promise<T.VaultState>
    seal(req: T.SealVault): Promise<T.VaultState>
    rotate(req: T.RotateVault): Promise<T.VaultState>
    export(req: T.ExportSecrets): Promise<T.ExportedSecrets>
    import(req: T.ImportSecrets): Promise<T.ImportReport>
  }
  tokens: {
    list(): Promise<T.TokenList>
    create(req: T.CreateToken): Promise<T.NewToken>
    revoke(req: T.TokenName): Promise<T.Receipt>
  }
  tunnel: {
    get(): Promise<T.TunnelState>
    confirm(req: T.ConfirmAddress): Promise<T.Receipt>
    trustHost(req: T.TrustHost): Promise<T.Receipt>
    forgetHost(): Promise<T.Receipt>
    retry(): Promise<T.Receipt>
  }
  telegram: {
    get(): Promise<T.TelegramState>
    pair(req: T.OfferPairing): Promise<T.PairingCode>
    withdraw(): Promise<T.Receipt>
    setRole(req: T.SetTelegramRole): Promise<T.Receipt>
    remove(req: T.TelegramUser): Promise<T.Receipt>
    log(req: T.PageRequest): Promise<T.TelegramLogPage>
    test(): Promise<T.Receipt>
    setUpAuthenticator(): Promise<T.Authenticator>
    uploads(req: T.PageRequest): Promise<T.UploadPage>
    open(req: T.UploadID): Promise<T.UploadContent>
    drop(req: T.UploadID): Promise<T.Receipt>
  }
}

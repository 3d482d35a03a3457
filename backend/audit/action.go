package audit

import "slices"

// Action is what somebody did or wanted to do. The list is closed: a line with another word is refused.
type Action string

// The acts.
const (
	Boot Action = "boot"

	SetSetting     Action = "setting.set"
	SetKill        Action = "kill.set"
	SwitchMode     Action = "mode.switch"
	SaveStrategy   Action = "strategy.save"
	DeleteStrategy Action = "strategy.delete"

	ClosePosition Action = "position.close"
	Flatten       Action = "flatten"
	CancelOrder   Action = "order.cancel"
	SettleOrder   Action = "order.settle"
	FixDrift      Action = "drift.fix"
	RetryJob      Action = "queue.retry"
	DiscardJob    Action = "queue.discard"
	RequeueAlert  Action = "queue.requeue"
	SendAlert     Action = "alert.send"

	AddAccount    Action = "account.add"
	EnableAccount Action = "account.enable"
	SetUpAccount  Action = "account.set_up"
	TestAccount   Action = "account.test"
	Canary        Action = "account.canary"

	SaveKeys         Action = "keys.save"
	RemoveKeys       Action = "keys.remove"
	SetSecret        Action = "secret.set"
	DeleteSecret     Action = "secret.delete"
	LockVault        Action = "vault.lock"
	UnlockVault      Action = "vault.unlock"
	SealVault        Action = "vault.seal"
	RotateVault      Action = "vault.rotate"
	ExportSecrets    Action = "secret.export"
	ImportSecrets    Action = "secret.import"
	RevealWebhookKey Action = "webhook_key.reveal"
	CreateWebhookKey Action = "webhook_key.create"
	ChangeWebhookKey Action = "webhook_key.change"
	RotateWebhookKey Action = "webhook_key.rotate"
	RevokeWebhookKey Action = "webhook_key.revoke"
	RotateKey        Action = "internal_key.rotate"
	CreateToken      Action = "token.create"
	RevokeToken      Action = "token.revoke"

	Invite        Action = "browser.invite"
	Login         Action = "browser.login"
	Logout        Action = "browser.logout"
	RevokeSession Action = "browser.revoke"

	Backup           Action = "backup"
	Restore          Action = "restore"
	AcknowledgeAlarm Action = "alarm.acknowledge"
	TestAlarm        Action = "alarm.test"

	LeaveWindow    Action = "window.leave"
	ShowWindow     Action = "window.show"
	CheckUpdate    Action = "update.check"
	CollectSupport Action = "support.collect"
	SaveSupport    Action = "support.save"

	AcceptTerms Action = "setup.accept"
	FinishSetup Action = "setup.finish"
	PutOffSetup Action = "setup.put_off"

	ConfirmAddress Action = "tunnel.confirm"
	TrustHost      Action = "tunnel.trust"
	ForgetHost     Action = "tunnel.forget"
	RetryTunnel    Action = "tunnel.retry"

	OfferPairing Action = "telegram.offer"
	PairPerson   Action = "telegram.pair"
	SetPerson    Action = "telegram.role"
	RemovePerson Action = "telegram.remove"
	TestTelegram Action = "telegram.test"
	DropUpload   Action = "telegram.drop_upload"

	// RefuseCall, RefuseAlert and RefuseMessage are strangers that were turned away at the control interface, at the gateway and by
	// messenger.
	RefuseCall    Action = "call.refuse"
	RefuseAlert   Action = "alert.refuse"
	RefuseMessage Action = "message.refuse"
)

// Actions lists every act, in the order shown.
func Actions() []Action {
	return []Action{
		Boot,
		SetSetting, SetKill, SwitchMode, SaveStrategy, DeleteStrategy,
		ClosePosition, Flatten, CancelOrder, SettleOrder, FixDrift, RetryJob, DiscardJob, RequeueAlert, SendAlert,
		AddAccount, EnableAccount, SetUpAccount, TestAccount, Canary,
		SaveKeys, RemoveKeys, SetSecret, DeleteSecret, LockVault, UnlockVault, SealVault, RotateVault, ExportSecrets, ImportSecrets,
		RevealWebhookKey, CreateWebhookKey, ChangeWebhookKey, RotateWebhookKey, RevokeWebhookKey, RotateKey, CreateToken, RevokeToken,
		Invite, Login, Logout, RevokeSession,
		Backup, Restore, AcknowledgeAlarm, TestAlarm,
		LeaveWindow, ShowWindow, CheckUpdate, CollectSupport, SaveSupport,
		AcceptTerms, FinishSetup, PutOffSetup,
		ConfirmAddress, TrustHost, ForgetHost, RetryTunnel,
		OfferPairing, PairPerson, SetPerson, RemovePerson, TestTelegram, DropUpload,
		RefuseCall, RefuseAlert, RefuseMessage,
	}
}

// Known tells whether the act is one of ours.
func (a Action) Known() bool { return slices.Contains(Actions(), a) }

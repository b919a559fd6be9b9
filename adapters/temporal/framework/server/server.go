// Package server runs a program on a whole server of Temporal in this process: its services, its queues and SQLite in
// memory. Nothing is simulated but the registry of the history service, which has the program's machines too.
package server

import (
	"context"
	"fmt"
	"net"
	"time"

	"go.temporal.io/server/common/authorization"
	clusterpkg "go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/resource"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/service/history"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/replication"
	"go.temporal.io/server/service/history/shard"
	"go.temporal.io/server/service/history/workflow"
	"go.temporal.io/server/temporal"
	"go.uber.org/fx"
)

const (
	cluster   = "active"
	space     = "hsmspec"
	localhost = "127.0.0.1"
	// patience is how long the server may take for anything.
	patience = 15 * time.Second
)

// A running is a server that runs.
type running struct {
	server *temporal.ServerFx
	// frontend is the address of the frontend.
	frontend string
	// shards has the shards of the history service, of which there is one.
	shards shard.Controller
	// namespaceID is the ID of the only namespace of programs.
	namespaceID string
}

// start starts a server whose history service has the machines of a registry, besides its own.
func start(registry *hsm.Registry) (*running, error) {
	configured, frontend, err := configure()
	if err != nil {
		return nil, err
	}
	database := configured.Persistence.DataStores[sqliteplugin.PluginName].SQL
	namespace := sqlite.NewNamespaceConfig(cluster, space, false)
	if err := sqlite.CreateNamespaces(database, namespace); err != nil {
		return nil, err
	}
	started := &running{frontend: frontend, namespaceID: namespace.Detail.Info.Id}
	modules := fx.Options(
		fx.Provide(
			temporal.NewServerFxImpl,
			temporal.ServerOptionsProvider,
			resource.ArchivalMetadataProvider,
			temporal.TaskCategoryRegistryProvider,
			temporal.PersistenceFactoryProvider,
			started.history(registry),
			temporal.MatchingServiceProvider,
			temporal.FrontendServiceProvider,
			temporal.InternalFrontendServiceProvider,
			temporal.WorkerServiceProvider,
			temporal.ApplyClusterMetadataConfigProvider,
		),
		dynamicconfig.Module,
		temporal.TraceExportModule,
		fx.NopLogger,
		fx.Invoke(temporal.ServerLifetimeHooks),
	)
	started.server, err = temporal.NewServerFx(
		modules,
		temporal.WithConfig(configured),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithLogger(log.NewNoopLogger()),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper {
			return authorization.NewNoopClaimMapper()
		}),
		temporal.WithCustomMetricsHandler(metrics.NoopMetricsHandler),
		// Without it there is no outbound queue.
		temporal.WithDynamicConfigClient(dynamicconfig.StaticClient{dynamicconfig.EnableNexus.Key(): true}),
	)
	if err != nil {
		return nil, err
	}
	return started, started.server.Start()
}

// history provides the history service as the server has it, with a registry that the machines are registered in.
func (r *running) history(registry *hsm.Registry) any {
	return func(params temporal.ServiceProviderParamsCommon) (temporal.ServicesGroupOut, error) {
		app := fx.New(
			fx.NopLogger,
			fx.Provide(workflow.NewTaskGeneratorProvider),
			params.GetCommonServiceOptions(primitives.HistoryService),
			history.QueueModule,
			history.Module,
			replication.Module,
			fx.Decorate(func(*hsm.Registry) *hsm.Registry { return registry }),
			fx.Populate(&r.shards),
		)
		return temporal.NewService(app, primitives.HistoryService, params.Logger), app.Err()
	}
}

// environment returns the environment of the shard's engine.
func (r *running) environment() (hsm.Environment, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		engine, err := r.engine(ctx)
		if err == nil {
			return engine.StateMachineEnvironment(), nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (r *running) engine(ctx context.Context) (shard.Engine, error) {
	owned, err := r.shards.GetShardByID(1)
	if err != nil {
		return nil, err
	}
	return owned.GetEngine(ctx)
}

// configure returns the configuration of a server on free ports, and the address of its frontend.
func configure() (*config.Config, string, error) {
	services := make(map[string]config.Service)
	address := ""
	for _, name := range temporal.DefaultServices {
		requests, err := freePort()
		if err != nil {
			return nil, "", err
		}
		membership, err := freePort()
		if err != nil {
			return nil, "", err
		}
		services[name] = config.Service{
			RPC: config.RPC{GRPCPort: requests, MembershipPort: membership, BindOnLocalHost: true},
		}
		if name == string(primitives.FrontendService) {
			address = fmt.Sprintf("%s:%d", localhost, requests)
		}
	}
	return &config.Config{
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: patience, BroadcastAddress: localhost},
		},
		Persistence: config.Persistence{
			DefaultStore: sqliteplugin.PluginName, VisibilityStore: sqliteplugin.PluginName, NumHistoryShards: 1,
			DataStores: map[string]config.DataStore{sqliteplugin.PluginName: {SQL: &config.SQL{
				PluginName: sqliteplugin.PluginName, DatabaseName: "hsmspec",
				ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
			}}},
		},
		ClusterMetadata: &clusterpkg.Config{
			FailoverVersionIncrement: 10, MasterClusterName: cluster, CurrentClusterName: cluster,
			ClusterInformation: map[string]clusterpkg.ClusterInformation{
				cluster: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: address},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		Archival: config.Archival{
			History: config.HistoryArchival{State: "disabled"}, Visibility: config.VisibilityArchival{State: "disabled"},
		},
		PublicClient: config.PublicClient{HostPort: address},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
	}, address, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", localhost+":0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

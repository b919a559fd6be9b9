package framework

import (
	"sync/atomic"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/api/adminservice/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/client"
	clusterpkg "go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership"
	"go.temporal.io/server/common/namespace"
	"go.temporal.io/server/common/persistence/visibility/manager"
	"go.temporal.io/server/common/primitives/timestamp"
	"google.golang.org/grpc"
	"hsmspec/adapters/temporal/framework/release"
)

const (
	// firstCluster is the name of the cluster in which the namespace is active at first.
	firstCluster = "cluster-0"
	// secondCluster is the name of the other one.
	secondCluster = "cluster-1"
	// namespaceID is the ID of the only namespace.
	namespaceID = "68736d73-7065-4000-8000-000000000000"
)

// clusterNames are the names of the clusters, by their numbers.
var clusterNames = [...]string{firstCluster, secondCluster}

// clusters has for each cluster what it knows of all clusters. Their failover versions are ten apart, from 1 and 2 on.
var clusters = func() (known [len(clusterNames)]clusterpkg.Metadata) {
	all := make(map[string]clusterpkg.ClusterInformation)
	for number, name := range clusterNames {
		all[name] = clusterpkg.ClusterInformation{
			Enabled: true, InitialFailoverVersion: int64(number) + 1, ShardCount: 1, ClusterID: name,
			RPCAddress: "127.0.0.1:1",
		}
	}
	for number, name := range clusterNames {
		known[number] = clusterpkg.NewMetadata(true, 10, firstCluster, name, all, nil, nil, log.NewNoopLogger())
	}
	return known
}()

// namespaces is a registry with the one namespace, of which all cells learn at once that it has failed over. The engine
// calls no other methods here.
type namespaces struct {
	namespace.Registry
	present atomic.Pointer[namespace.Namespace]
}

// newNamespaces returns a registry whose namespace is active in the first cluster.
func newNamespaces() *namespaces {
	n := &namespaces{}
	n.set(firstCluster, 1)
	return n
}

func (n *namespaces) set(active string, version int64) {
	n.present.Store(namespace.NewGlobalNamespaceForTest(
		&persistencespb.NamespaceInfo{Id: namespaceID, Name: "hsmspec"},
		&persistencespb.NamespaceConfig{Retention: timestamp.DurationFromDays(1)},
		&persistencespb.NamespaceReplicationConfig{ActiveClusterName: active, Clusters: clusterNames[:]},
		version,
	))
}

// failover makes the namespace active in a cluster, at the next version of that cluster.
func (n *namespaces) failover(metadata clusterpkg.Metadata) {
	active := metadata.GetCurrentClusterName()
	n.set(active, metadata.GetNextFailoverVersion(active, release.FailoverVersion(n.present.Load())))
}

func (n *namespaces) GetNamespaceByID(namespace.ID) (*namespace.Namespace, error) {
	return n.present.Load(), nil
}

func (n *namespaces) GetNamespace(namespace.Name) (*namespace.Namespace, error) {
	return n.present.Load(), nil
}

func (n *namespaces) GetNamespaceName(namespace.ID) (namespace.Name, error) {
	return n.present.Load().Name(), nil
}

func (n *namespaces) GetNamespaceID(namespace.Name) (namespace.ID, error) {
	return n.present.Load().ID(), nil
}

func (n *namespaces) RegisterStateChangeCallback(any, namespace.StateChangeCallbackFn) {}
func (n *namespaces) UnregisterStateChangeCallback(any)                                {}

// unreachable are the clients of other clusters, which cannot be reached. The engine asks for no others here.
type unreachable struct{ client.Bean }

// errUnreachable is the error of a request to another cluster.
var errUnreachable = serviceerror.NewUnavailable("no other cluster can be reached")

func (unreachable) GetRemoteAdminClient(string) (adminservice.AdminServiceClient, error) {
	return nil, errUnreachable
}

func (unreachable) GetRemoteFrontendClient(string) (grpc.ClientConnInterface, workflowservice.WorkflowServiceClient, error) {
	return nil, nil, errUnreachable
}

// visibility is a visibility store that is asked for its names alone.
type visibility struct{ manager.VisibilityManager }

func (visibility) GetStoreNames() []string { return []string{"none"} }
func (visibility) GetIndexName() string    { return "none" }

// host is the host that cells run on.
type host struct{}

func (host) HostInfo() membership.HostInfo { return membership.NewHostInfoFromAddress("127.0.0.1:1") }

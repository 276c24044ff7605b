package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// received is a letter as the server took it.
type received struct {
	From      string
	To        []string
	Encrypted bool
	User      bool
	Content   []byte
}

// server is a real mail server in a process of its own.
type server struct {
	port    int
	letters chan received
}

const aiosmtpd = "aiosmtpd==1.4.6"

// python finds or installs aiosmtpd, once a run.
var python = sync.OnceValues(func() (path, why string) {
	if exec.Command("python3", "-c", "import aiosmtpd").Run() == nil {
		return "", ""
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err.Error()
	}
	dir := filepath.Join(cache, "throughline-tests", strings.ReplaceAll(aiosmtpd, "==", "-"))
	if _, err := os.Stat(filepath.Join(dir, "aiosmtpd")); err == nil {
		return dir, ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "python3", "-m", "pip", "install", "--quiet", "--target", dir, aiosmtpd).CombinedOutput(); err != nil {
		return "", "no mail server: install one by `apt-get install python3-aiosmtpd` or `pip install " + aiosmtpd + "` (" + err.Error() + ": " + string(out) + ")"
	}
	return dir, ""
})

// serve starts a server, or skips the test when none can be had. In CI its
// absence fails.
func serve(t *testing.T, arguments ...string) *server {
	t.Helper()
	path, why := python()
	if why != "" {
		if os.Getenv("CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	c := exec.Command("python3", append([]string{filepath.Join("testdata", "server.py")}, arguments...)...)
	c.Env = append(os.Environ(), "PYTHONPATH="+path, "PYTHONDONTWRITEBYTECODE=1", "PYTHONWARNINGS=ignore")
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{letters: make(chan received, 100)}
	lines, read := bufio.NewReader(out), make(chan struct{})
	first, err := lines.ReadString('\n')
	if err == nil {
		s.port, err = strconv.Atoi(strings.TrimSpace(first))
	}
	go func() {
		defer close(read)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			var r received
			if err := json.Unmarshal(line, &r); err != nil {
				t.Error(err)
			}
			s.letters <- r
		}
	}()
	t.Cleanup(func() {
		c.Process.Kill()
		<-read
		c.Wait()
		if t.Failed() {
			t.Logf("the mail server says: %s", complaints.Bytes())
		}
	})
	if err != nil {
		t.Fatalf("the mail server does not say its port: %v", err)
	}
	return s
}

// next is the letter that the server took.
func (s *server) next(t *testing.T) received {
	t.Helper()
	select {
	case r := <-s.letters:
		return r
	case <-time.After(20 * time.Second):
		t.Fatal("no letter came")
		return received{}
	}
}

func (s *server) none(t *testing.T) {
	t.Helper()
	select {
	case r := <-s.letters:
		t.Errorf("a letter came: %s", r.Content)
	case <-time.After(100 * time.Millisecond):
	}
}

// certificate makes one for this machine and returns the paths of it and of its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

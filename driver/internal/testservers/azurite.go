package testservers

import (
	"encoding/base64"
	"net"
	"os"
	"os/exec"
)

// azuriteCommand is the environment variable that holds the command.
const azuriteCommand = "STORAGE_AZURITE"

// AzuriteKey is the key of the account AccessKey in azurite: SecretKey in base64.
var AzuriteKey = base64.StdEncoding.EncodeToString([]byte(SecretKey))

func startAzurite(string) (*Service, *exec.Cmd, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(os.Getenv(azuriteCommand), "--blobHost", host, "--blobPort", port,
		"--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck")
	dieWithTests(cmd)
	cmd.Env = append(os.Environ(), "AZURITE_ACCOUNTS="+AccessKey+":"+AzuriteKey)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	s := &Service{Name: "azurite", URL: "http://" + addr}
	if err := await(s.URL); err != nil {
		return nil, nil, failed(cmd, err)
	}
	return s, cmd, nil
}

module example/sockets

go 1.21

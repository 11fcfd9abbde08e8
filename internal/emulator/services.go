package emulator

import "connectrpc.com/connect"

// handlerOptions go to every generated service constructor.
func handlerOptions() []connect.HandlerOption {
	return []connect.HandlerOption{
		connect.WithRecover(recoverPanic),
		connect.WithInterceptors(connect.UnaryInterceptorFunc(checkRequest)),
		connect.WithReadMaxBytes(maxRequestBytes),
	}
}
